"""A court bundle made in a browser."""

from pathlib import Path

from playwright.sync_api import Page

from firmware.evidence.bundle.verify import verify
from scripts.screens import PASSWORD
from tests.web.browser.conftest import House


def test_a_bundle_is_made_while_one_looks_on_and_is_downloaded_whole(
    page: Page, house: House, tmp_path: Path
) -> None:
    page.goto(f"{house.address}/calls/{house.shown}")
    page.click("main >> text=Court bundle")
    page.wait_for_selector("text=Make the bundle")
    if page.is_visible("#password"):
        page.fill("#password", PASSWORD)
    page.click("text=Make the bundle")
    page.wait_for_selector("text=It is ready.")
    with page.expect_download() as waiting:
        page.click("text=Download the ZIP")
    waiting.value.save_as(tmp_path / "b.zip")
    assert [one.call for one in verify(tmp_path / "b.zip").calls] == [house.shown]
    page.goto(f"{house.address}/proof/verify")
    page.set_input_files("#bundle", tmp_path / "b.zip")
    page.click("text=Check it")
    page.wait_for_selector("text=It was signed by this box.")
