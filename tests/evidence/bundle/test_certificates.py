"""A stamp whose certificate was bad is refused by command, script and page; one that only expired
since then still proves what it stamped."""

import subprocess
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from firmware.evidence import anchors, timestamp
from firmware.evidence.anchors import Anchor
from firmware.evidence.bundle.build import build
from firmware.evidence.bundle.verify import verify
from firmware.evidence.errors import Changed
from firmware.evidence.head_file import write_head_file
from firmware.evidence.log import EventLog
from tests.evidence.bundle.conftest import spoken
from tests.evidence.conftest import Box
from tests.support.authority import Authority

DAY_S = 86400


@pytest.fixture(scope="module")
def browser_page() -> Iterator[Page]:
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser.new_context(locale="en-GB", offline=True).new_page()
        browser.close()


def stamp(log: EventLog, authority: Authority, clock: str = "", crl: bytes = b"") -> None:
    """Have the newest head stamped, and keep the stamp whatever may be said against it."""
    signed = log.head()
    folder = anchors.anchor_folder(log.folder)
    folder.mkdir(exist_ok=True)
    base = folder / f"{signed.head.size:012d}"
    write_head_file(base.with_suffix(".head"), signed)
    answer = authority.stamp(timestamp.request(signed.head.text()), clock=clock)
    base.with_suffix(".tsr").write_bytes(answer)
    chain = (authority.folder / "tsa.pem").read_bytes() + authority.root
    base.with_suffix(".chain").write_bytes(chain)
    if crl:
        base.with_suffix(".crl").write_bytes(crl)


def made(box: Box, folder: Path, authority: Authority, clock: str = "", crl: bytes = b"") -> Path:
    log = box.log()
    exhibit = spoken(folder, log, "0190a0b0-0000-7000-8000-000000000001")
    stamp(log, authority, clock, crl)
    return build(folder / "bundle.zip", [exhibit], log).path


def said_by_all(sheet: Page, path: Path) -> list[str]:
    """What command, script and page say: "" where they accept."""
    said = []
    try:
        verify(path)
        said.append("")
    except Changed as error:
        said.append(str(error))
    folder = path.parent / "out"
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
    done = subprocess.run(["sh", "verify.sh"], cwd=folder, capture_output=True, text=True)
    said.append("" if done.returncode == 0 else done.stdout + done.stderr)
    sheet.goto((folder / "verify.html").as_uri())
    sheet.wait_for_selector("#verdict.good, #verdict.bad")
    good = sheet.is_visible("#verdict.good")
    said.append("" if good else sheet.inner_text("#verdict"))
    return said


@pytest.fixture
def careless(monkeypatch: pytest.MonkeyPatch) -> None:
    """A box that hands out whatever stamp it has."""

    def load(folder: Path, size: int) -> Anchor:
        base = folder / f"{size:012d}"
        crl = base.with_suffix(".crl")
        lists = crl.read_bytes() if crl.exists() else b""
        chain = base.with_suffix(".chain").read_bytes()
        signed = anchors.read_head_file(base.with_suffix(".head"))
        answer = base.with_suffix(".tsr").read_bytes()
        info = timestamp._parsed(answer).info
        known = timestamp.Stamp(info["gen_time"].native, "TSA", 1, chain)
        return Anchor(signed, answer, lists, known)

    monkeypatch.setattr(anchors, "load", load)


@pytest.mark.usefixtures("careless")
def test_a_revoked_certificate_is_refused_by_all_three(
    box: Box, tmp_path: Path, browser_page: Page
) -> None:
    box.clocks.wall = time.time() - 600
    authority = Authority(tmp_path / "a")
    path = made(box, tmp_path, authority, crl=authority.revoke())
    for said in said_by_all(browser_page, path):
        assert "revoked" in said


@pytest.mark.usefixtures("careless")
def test_a_certificate_that_had_expired_is_refused_by_all_three(
    box: Box, tmp_path: Path, browser_page: Page
) -> None:
    box.clocks.wall = time.time() - 600
    path = made(box, tmp_path, Authority(tmp_path / "a", since=-60, until=-30))
    command, script, page = said_by_all(browser_page, path)
    assert "was not valid when the stamp was made" in command
    assert "expired" in script
    assert "was not good at that time" in page


def test_a_certificate_that_expired_since_then_is_accepted_by_all_three(
    box: Box, tmp_path: Path, browser_page: Page
) -> None:
    box.clocks.wall = time.time() - 45 * DAY_S - 60
    authority = Authority(tmp_path / "a", since=-60, until=-30)
    path = made(box, tmp_path, authority, clock="-45d")
    assert said_by_all(browser_page, path) == ["", "", ""]
