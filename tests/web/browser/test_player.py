"""The one player: it plays on while one looks around, and does what its keys say."""

import numpy as np
import pytest
from playwright.sync_api import Page

from firmware.archive import Archive
from scripts.household import recorded
from tests.web.browser.conftest import AUDIO, House, until


def test_a_call_plays_on_from_page_to_page_and_can_be_sought(page: Page, house: House) -> None:
    page.goto(f"{house.address}/?q=inkaso")
    page.click(".call .playit[data-play] >> nth=0")
    until(page, f"{AUDIO}.currentTime > 0.3")
    page.evaluate("window.same = true")
    page.click("text=People")
    page.wait_for_selector("text=Dr Anna Kowalska")
    page.click("text=Settings")
    page.wait_for_selector("text=Country of the line")
    page.go_back()
    page.wait_for_selector("text=Add a person")
    assert page.evaluate("window.same")
    assert not page.evaluate(f"{AUDIO}.paused")
    page.goto(f"{house.address}/calls/{house.shown}")
    page.click("main button.main")
    until(page, f"{AUDIO}.currentTime > 0.2")
    length = page.evaluate(f"{AUDIO}.duration")
    assert 40 < length < 60
    wave = page.locator("#player-wave").bounding_box()
    assert wave
    page.mouse.move(wave["x"] + 10, wave["y"] + 10)
    page.mouse.down()
    page.mouse.move(wave["x"] + wave["width"] / 2, wave["y"] + 10, steps=4)
    page.mouse.up()
    assert page.evaluate(f"{AUDIO}.currentTime") == pytest.approx(length / 2, abs=2)
    page.click("[data-do=back]")
    assert page.evaluate(f"{AUDIO}.currentTime") == pytest.approx(length / 2 - 10, abs=2)
    page.click(".happened .at >> nth=0")
    until(page, f"Math.abs({AUDIO}.currentTime - 14) < 1.5")


def test_keys_speed_and_the_choices_are_remembered(page: Page, house: House) -> None:
    page.goto(f"{house.address}/calls/{house.shown}")
    page.click("main button.main")
    until(page, f"{AUDIO}.currentTime > 0.1")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("k")
    until(page, f"{AUDIO}.paused")
    page.keyboard.press("l")
    assert page.evaluate(f"{AUDIO}.currentTime") > 10
    page.keyboard.press("j")
    assert page.evaluate(f"{AUDIO}.currentTime") < 5
    page.keyboard.press(">")
    page.keyboard.press("s")
    page.keyboard.press("b")
    assert page.evaluate(f"{AUDIO}.playbackRate") == 1.25
    page.fill("#note", "j l k")  # what is typed into a note moves nothing
    assert page.evaluate(f"{AUDIO}.currentTime") < 5
    page.reload()
    assert page.input_value("#player-speed") == "1.25"
    assert page.get_attribute("[data-do=skip]", "aria-pressed") == "true"
    page.click("main button.main")
    until(page, f"{AUDIO}.currentTime > 0.1")
    assert page.evaluate(f"{AUDIO}.playbackRate") == 1.25
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Escape")
    assert page.is_hidden("#player")
    page.evaluate("localStorage.clear()")


def test_silence_is_skipped_and_the_next_unheard_call_follows(page: Page, house: House) -> None:
    archive = Archive(house.folder / "calls")
    spoken = np.full(8000, 3000, np.int16)
    sound = np.concatenate((spoken, np.zeros(8000 * 30, np.int16), spoken))
    facts = {"started_at": "2026-01-01T00:00:00+00:00", "number": "22111"}
    first, second = (recorded(archive, sound, **facts) for _ in range(2))
    page.goto(f"{house.address}/calls/{first}")
    page.click("main button.main")
    until(page, f"{AUDIO}.currentTime > 0.1")
    page.click("[data-do=skip]")
    until(page, f"{AUDIO}.currentTime > 30")  # within five seconds
    page.click("[data-do=next]")
    until(page, f"{AUDIO}.src.includes('{second}')")
    page.evaluate("localStorage.clear()")


def test_the_lock_screen_knows_what_plays(page: Page, house: House) -> None:
    page.goto(f"{house.address}/calls/{house.shown}")
    page.click("main button.main")
    until(page, f"{AUDIO}.currentTime > 0.1")
    assert page.evaluate("navigator.mediaSession.metadata.title") == "Inkaso Plus"


def test_a_note_is_saved_while_the_call_plays(page: Page, house: House) -> None:
    page.goto(f"{house.address}/calls/{house.shown}")
    page.click("main button.main")
    until(page, f"{AUDIO}.currentTime > 0.1")
    page.fill("#note", "Zadzwonić do Łucji")
    page.click("text=Save the note")
    page.wait_for_selector("text=The note is saved.")
    assert page.input_value("#note") == "Zadzwonić do Łucji"
    assert not page.evaluate(f"{AUDIO}.paused")
    page.click("nav.tabs >> text=Calls")
    page.fill("#q", "zadzwonic lucji")
    page.press("#q", "Enter")
    until(page, "document.querySelectorAll('.call').length === 1")
