"""The page as it is run: gunicorn, a socket, a browser's requests."""

import http.cookiejar
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

from tests.web.conftest import PASSWORD, Page
from web.serve import main


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_phone_sets_the_box_up_and_plays_a_call(fresh: Page, stop: signal.Signals) -> None:
    call = fresh.call()
    address = f"127.0.0.1:{free_port()}"
    server = subprocess.Popen(
        [sys.executable, "-m", "web.serve", "--bind", address]
        + ["--archive", str(fresh.folder / "calls"), "--control", str(fresh.folder / "c.sock")]
        + ["--state", str(fresh.folder / "state")],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    code = re.search(r"code is (\w{8})", server.stdout.readline())
    assert code
    phone = urllib.request.build_opener(
        urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    )

    def get(path: str, **headers: str) -> tuple[int, bytes]:
        request = urllib.request.Request(f"http://{address}{path}", headers=headers)
        with phone.open(request, timeout=10) as answer:
            return answer.status, answer.read()

    for _ in range(200):
        try:
            _, form = get("/")
            break
        except urllib.error.URLError:
            time.sleep(0.05)
    token = re.search(rb'name="csrf_token" value="([^"]+)"', form)
    assert token
    fields = {"csrf_token": token[1].decode(), "code": code[1]}
    fields |= {"password": PASSWORD, "again": PASSWORD}
    data = urllib.parse.urlencode(fields).encode()
    with phone.open(f"http://{address}/setup", data, timeout=10) as answer:
        assert b"the number 22 123 45 67 came" in answer.read()
    assert b"22 123 45 67" in get("/")[1]
    status, part = get(f"/calls/{call['id']}/audio.mp3", Range="bytes=0-99")
    assert (status, len(part)) == (206, 100)
    master = fresh.archive.audio_path(call["id"]).read_bytes()
    assert get(f"/calls/{call['id']}/audio.flac", Range="bytes=5-14") == (206, master[5:15])
    server.send_signal(stop)
    assert server.wait(timeout=15) == 0


@pytest.mark.parametrize("bind", ["nonsense", "127.0.0.1:99999", ":80", "127.0.0.1:"])
def test_an_address_that_is_none_is_said(
    tmp_path: Path, bind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = ["--archive", str(tmp_path), "--control", "c", "--state", str(tmp_path)]
    with pytest.raises(SystemExit) as end:
        main(["--bind", bind, *paths])
    assert end.value.code == 2
    assert "expected HOST:PORT" in capsys.readouterr().err


def test_a_folder_that_keeps_no_secrets_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "state").write_text("a file")
    paths = ["--archive", str(tmp_path), "--control", "c", "--state", str(tmp_path / "state")]
    assert main(paths) == 1
    assert "no secret can be kept there" in capsys.readouterr().err


def test_opening_the_page_does_not_load_numpy() -> None:
    code = "import sys, web.app, web.serve; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
