"""The page that checks itself, opened from the disk in a real browser without a network."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from firmware.evidence.bundle import page
from firmware.evidence.bundle.build import build
from firmware.evidence.bundle.verify import verify
from tests.evidence.bundle.conftest import Office

JS = Path(__file__).parents[3] / "firmware/evidence/bundle"


@pytest.fixture(scope="module")
def browser_page() -> Iterator[Page]:
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        context = browser.new_context(locale="en-GB", offline=True)
        yield context.new_page()
        browser.close()


def opened(sheet: Page, path: Path) -> str:
    """What the page says once it has checked itself."""
    troubles: list[str] = []
    sheet.on("pageerror", lambda error: troubles.append(str(error)))
    sheet.goto(path.as_uri())
    sheet.wait_for_selector("#verdict.good, #verdict.bad")
    assert troubles == []
    return sheet.inner_text("#verdict")


def test_the_page_finds_itself_unchanged_and_plays(browser_page: Page, unpacked: Path) -> None:
    folder = unpacked
    assert opened(browser_page, folder / "verify.html").startswith("Unchanged")
    steps = browser_page.inner_text("#steps")
    assert "8 entries stand in the log" in steps
    assert "The log of the time-stamp is the beginning of this log" in steps
    assert "the time-stamp authority's signature is valid" in steps
    browser_page.click("audio >> nth=0")
    for _ in range(100):
        if browser_page.evaluate("document.querySelector('audio').readyState") >= 1:
            break
        browser_page.wait_for_timeout(50)
    assert browser_page.evaluate("document.querySelector('audio').duration") == pytest.approx(2.0)
    browser_page.click("#language")
    assert browser_page.inner_text("#verdict").startswith("Niezmienione")


def test_the_page_may_load_nothing_at_all(browser_page: Page, unpacked: Path) -> None:
    folder = unpacked
    asked: list[str] = []
    browser_page.on("request", lambda request: asked.append(request.url))
    opened(browser_page, folder / "verify.html")
    assert {url.split(":")[0] for url in asked} <= {"file", "blob", "data"}
    assert "default-src 'none'" in (folder / "verify.html").read_text()


@pytest.mark.parametrize(
    "name", ["calls/001/recording.flac", "calls/002/record.json", "log/head.sig", "SHA256SUMS"]
)
def test_a_page_with_a_changed_file_in_it_is_red(
    browser_page: Page, unpacked: Path, name: str
) -> None:
    path = unpacked / "verify.html"
    text = path.read_text()
    at = text.index(f'"{name}": "') + len(name) + 40
    path.write_text(text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :])
    assert opened(browser_page, path).startswith("CHANGED")


def test_a_zip_given_to_the_page_is_checked(
    browser_page: Page, unpacked: Path, bundle: Path
) -> None:
    folder = unpacked
    opened(browser_page, folder / "verify.html")
    data = bytearray(bundle.read_bytes())
    at = data.index(b"fLaC") + 5000
    data[at] ^= 1
    changed = bundle.with_name("changed.zip")
    changed.write_bytes(data)
    for path, verdict in ((bundle, "good"), (changed, "bad"), (bundle, "good")):
        browser_page.set_input_files("#pick", path)
        browser_page.wait_for_selector(f"#verdict.{verdict}")


def test_a_recording_given_to_the_page_is_compared(browser_page: Page, unpacked: Path) -> None:
    folder = unpacked
    opened(browser_page, folder / "verify.html")
    flac = folder / "calls/001/recording.flac"
    browser_page.set_input_files("#pick", flac)
    browser_page.wait_for_selector("#picked:has-text('the same as in the bundle')")
    flac.write_bytes(flac.read_bytes() + b"x")
    browser_page.set_input_files("#pick", flac)
    browser_page.wait_for_selector("#picked:has-text('NOT a file of this bundle')")


def test_the_pages_hashes_and_signatures_are_the_standards(browser_page: Page) -> None:
    """FIPS 180-4 examples; the first two tests of RFC 8032, section 7.1."""
    browser_page.goto("about:blank")
    browser_page.add_script_tag(
        content=(JS / "sha.js").read_text() + (JS / "ed25519.js").read_text()
    )
    import hashlib

    for size in (0, 1, 55, 56, 63, 64, 111, 112, 119, 127, 128, 1000):
        data = bytes(range(256)) * 4
        for name in ("sha256", "sha512"):
            made = browser_page.evaluate(
                f"(data) => hex({name}(Uint8Array.from(data)))", list(data[:size])
            )
            assert made == hashlib.new(name, data[:size]).hexdigest()
    tests = [
        (
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
    ]
    for key, message, signature in tests:
        words = [list(bytes.fromhex(one)) for one in (signature, message, key)]
        call = "([s, m, k]) => ed25519Verify(...[s, m, k].map((one) => Uint8Array.from(one)))"
        assert browser_page.evaluate(call, words) is True
        for place in (0, 40, 63):
            harmed = [list(words[0]), words[1], words[2]]
            harmed[0][place] ^= 1
            assert browser_page.evaluate(call, harmed) is False


def test_recordings_too_large_for_the_page_are_checked_in_the_zip(
    browser_page: Page, office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "LARGEST", 1000)
    out = build(tmp_path / "large.zip", office.exhibits, office.log).path
    verify(out)
    with zipfile.ZipFile(out) as archive:
        archive.extractall(tmp_path / "large")
    html = tmp_path / "large/verify.html"
    assert opened(browser_page, html).startswith("Unchanged")
    assert "give it the ZIP" in browser_page.inner_text("#steps")
    assert browser_page.query_selector("audio") is None
    browser_page.set_input_files("#pick", out)
    browser_page.wait_for_selector("audio")
    assert "give it the ZIP" not in browser_page.inner_text("#steps")
