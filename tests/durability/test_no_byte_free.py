"""With 0 bytes free the page, the log and the list work from the reserve."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware.archive.reserve import BALLAST, hold_back
from firmware.evidence.evidence import Evidence
from tests.web.conftest import Page

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")


@pytest.fixture
def card(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "card"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=96m", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def fill(folder: Path) -> None:
    with (folder / "films").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass
    assert os.statvfs(folder).f_bavail == 0


def test_with_no_byte_free_list_page_and_log_go_on_before_anybody_has_made_room(
    card: Path,
) -> None:
    page = Page(card)
    page.control.start()
    page.log_in()
    call = page.call(number="221234567")
    evidence = Evidence(page.archive, card / "state")
    evidence.enter(call["id"])
    hold_back(page.archive.root)
    fill(card)
    try:
        assert (page.archive.root / BALLAST).exists()
        listed = page.get("/")
        assert listed.status_code == 200
        assert "22 123 45 67" in listed.text
        assert not (page.archive.root / BALLAST).exists()
        one = f"/calls/{call['id']}"
        assert page.get(one).status_code == 200
        assert page.get(f"{one}/audio.flac").status_code == 200
        assert page.send(f"{one}/note", form=one, note="full, and yet").status_code == 302
        assert page.send(f"{one}/flag", form=one, on="1").status_code == 302
        assert "full, and yet" in page.get(one).text
        assert page.archive.get(call["id"])["flagged"]
        missed = page.archive.add_row({**call, "id": call["id"][:-4] + "0000", "sequence": 2})
        evidence.enter(missed["id"])
        assert Evidence(page.archive, card / "state").entered(missed["id"]) is not None
    finally:
        page.control.close()
