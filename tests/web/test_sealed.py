"""The page over encrypted calls: everything is heard and taken as from open ones."""

import io
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
import soundfile

from tests.web.conftest import PASSWORD, Page
from web.tokens import Tokens

ROOT = Path(__file__).resolve().parents[2]
NAME = "Genowefa Przykładowa"


@pytest.fixture
def page() -> Iterator[Page]:
    """A box that encrypts, and whose owner is logged in."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        made = Page(Path(folder), sealed=True)
        made.control.start()
        made.log_in()
        yield made
        made.control.close()


def on_the_medium(page: Page) -> bytes:
    """Every byte outside of memory."""
    files = [path for path in page.folder.rglob("*") if path.is_file()]
    memory = page.folder / "run"
    return b"".join(path.read_bytes() for path in files if memory not in path.parents)


def test_flac_and_mp3_are_played_by_byte_ranges_and_whole(page: Page) -> None:
    call = page.call(name=NAME)
    with page.archive.sound(call["id"]).open() as file:
        flac = file.read()
    whole = page.get(f"/calls/{call['id']}/audio.flac")
    assert whole.data == flac
    assert whole.headers["Accept-Ranges"] == "bytes"
    for first, last in ((0, 41), (100, 100), (len(flac) - 30, len(flac) - 1)):
        part = page.get(
            f"/calls/{call['id']}/audio.flac", headers={"Range": f"bytes={first}-{last}"}
        )
        assert part.status_code == 206
        assert part.data == flac[first : last + 1]
        assert part.headers["Content-Range"] == f"bytes {first}-{last}/{len(flac)}"
    unchanged = page.get(
        f"/calls/{call['id']}/audio.flac", headers={"If-None-Match": whole.headers["ETag"]}
    )
    assert unchanged.status_code == 304
    mp3 = page.get(f"/calls/{call['id']}/audio.mp3")
    assert soundfile.info(io.BytesIO(mp3.data)).duration == pytest.approx(1.0, abs=0.2)
    part = page.get(f"/calls/{call['id']}/audio.mp3", headers={"Range": "bytes=10-19"})
    assert part.data == mp3.data[10:20]
    assert page.get(f"/calls/{call['id']}/player").get_json()["wave"]
    assert NAME in page.get(f"/calls/{call['id']}").text
    medium = on_the_medium(page)
    assert not [one for one in (NAME.encode(), flac[100:140], mp3.data[400:440]) if one in medium]


def test_the_zip_of_many_calls_holds_plain_flac(page: Page) -> None:
    call = page.call()
    answer = page.send("/calls/many", "/calls?select=1", id=call["id"], do="zip")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as made:
        [flac] = [name for name in made.namelist() if name.endswith(".flac")]
        assert made.read(flac)[:4] == b"fLaC"


def test_what_the_owner_deletes_loses_its_key_and_its_copies(page: Page) -> None:
    call = page.call(name=NAME)
    page.get(f"/calls/{call['id']}/audio.mp3")
    page.get(f"/calls/{call['id']}/player")
    page.send("/calls/delete", "/calls?select=1", id=call["id"], password=PASSWORD)
    row = page.archive.get(call["id"])
    assert row["audio"] is None
    assert row["name"] == NAME
    assert not page.archive.vault.has_key(page.folder / "calls" / call["audio"])
    assert not list(page.folder.rglob(f"*{call['id']}*.mp3"))


def test_the_server_itself_sends_what_is_deciphered_and_never_what_lies_there(page: Page) -> None:
    call = page.call()
    with page.archive.sound(call["id"]).open() as file:
        flac = file.read()
    token = Tokens(page.folder / "state/tokens.json").make("test", ("hear",))[1]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = ["-m", "web.serve", "--bind", f"127.0.0.1:{port}"]
    words += ["--archive", str(page.folder / "calls"), "--state", str(page.folder / "state")]
    words += ["--control", str(page.folder / "run/c.sock")]
    server = subprocess.Popen([sys.executable, *words], cwd=ROOT)
    try:
        request = Request(
            f"http://127.0.0.1:{port}/api/v1/calls/{call['id']}/audio.flac",
            headers={"Authorization": f"Bearer {token}", "Range": "bytes=4-203"},
        )
        for _ in range(100):
            try:
                with urlopen(request, timeout=5) as answer:
                    assert answer.status == 206
                    assert answer.read() == flac[4:204]
                    break
            except ConnectionRefusedError:
                time.sleep(0.1)
            except OSError as error:
                if "refused" not in str(error):
                    raise
                time.sleep(0.1)
        else:
            raise AssertionError("the page never answered")
    finally:
        server.terminate()
        server.wait(timeout=10)
