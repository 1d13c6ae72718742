"""Everyone can use the page: with a screen reader, a thumb, without scripts."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, Page

from firmware.archive.people import People
from scripts.screens import IDLE
from tests.web.browser.conftest import AUDIO, House, until, visit

PAGES = ["/", "/?select=1", "/?number=586201142", "/?q=nobody", "/people", "/people/new"]
PAGES += ["/settings", "/log", "/nowhere", "/live/private", "/start", "/line", "/line/wizard"]
PAGES += ["/users", "/tokens", "/password", "/export", "/consent"]
PAGES += ["/proof", "/proof/key", "/proof/words", "/proof/verify", "/cases", "/stop"]
PAGES += ["/storage", "/storage/plan?days=3", "/alarms", "/about"]
PAGES += ["/subject?number=586201142", "/subject/erase?number=501502503"]
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")

# Controls smaller than a thumb, but for links within a sentence (WCAG 2.5.8, exception "inline").
SMALL = """[...document.querySelectorAll("a, button, select, summary, input:not([type=hidden])")]
    .filter((one) => one.checkVisibility() && !one.matches(".skip, input[type=radio], label input"))
    .filter((one) => !one.closest(".unseen"))
    .filter((one) => {
      const sentence = one.closest("p:not(.actions, .state), td, dd");
      return !sentence || sentence.textContent.trim() === one.textContent.trim();
    })
    .map((one) => [one.outerHTML.slice(0, 90), one.getBoundingClientRect()])
    .filter(([, box]) => Math.min(box.width, box.height) < 43.5)
    .map(([html, box]) => `${html} ${box.width}x${box.height}`)"""


# What lies beyond the screen's edge, but for what is there to be scrolled.
OUTSIDE = """[...document.querySelectorAll("body *")]
    .filter((one) => one.checkVisibility() && !one.closest(".chips, .scroll"))
    .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
    .map((one) => one.outerHTML.slice(0, 90))"""


def is_for_everyone(page: Page, which: str) -> None:
    """No violation of WCAG that axe knows, nothing sideways, nothing too small for a thumb."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run().then((found) => found.violations)")
    assert [(which, one["id"], one["nodes"][0]["failureSummary"]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, which
    assert page.evaluate(SMALL) == [], which


def every_page(house: House) -> list[str]:
    one = house.shown
    more = [f"/calls/{one}", f"/calls/{one}/stop", f"/bundle?id={one}", f"/cases/choose?id={one}"]
    return [*PAGES, *more]


@pytest.mark.parametrize("language", ["pl", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_stands_in_the_way_of_anyone(
    house: House, browser: Browser, session: Path, language: str, scheme: Any
) -> None:
    context = visit(browser, session, locale=language, color_scheme=scheme)
    page = context.new_page()
    for path in every_page(house):
        page.goto(house.address + path)
        is_for_everyone(page, path)
    context.close()


@pytest.mark.parametrize("language", ["pl", "en"])
def test_nor_do_the_player_a_running_call_its_alarms_and_what_is_made_meanwhile(
    house: House, reader: Callable[..., Page], language: str
) -> None:
    page = reader(language)
    page.goto(f"{house.address}/calls/{house.shown}/stop")
    page.click("main button.main")
    page.wait_for_selector("#sender")
    marked = page.url.removeprefix(house.address)
    page.goto(f"{house.address}/cases/choose?id={house.shown}")
    page.fill("#title", f"Inkaso {language}")
    page.click("form:has(#title) button")
    page.wait_for_selector("#case-note")
    made = page.url.removeprefix(house.address)
    person = People(house.folder / "calls/people.json").all()[0].id
    for path in (marked, made, f"{made}/close", "/cases", "/stop", f"/people/{person}"):
        page.goto(house.address + path)
        is_for_everyone(page, path)
    alarms = {"line-cut": "cut", "clock": "", "storage-full": ""}
    running = {"recording": True, "since_s": 61.0, "number": "586201142", "announce": "ready"}
    house.state |= {"state": "incall", **running, "alarms": alarms, "hook": "vox"}
    try:
        page.goto(f"{house.address}/calls/{house.shown}")
        page.click("main button.main")
        until(page, f"{AUDIO}.currentTime > 0.1")
        is_for_everyone(page, "player and running call")
        page.goto(f"{house.address}/live/private")
        is_for_everyone(page, "private")
    finally:
        house.state.update({**IDLE, "announce": "no-card"})


@pytest.mark.parametrize(("letters", "width"), [("large", 390), ("browser", 320)])
@pytest.mark.parametrize("language", ["pl", "en"])
def test_larger_letters_or_a_small_screen_push_nothing_out_of_sight(
    house: House, reader: Callable[..., Page], letters: str, width: int, language: str
) -> None:
    page = reader(language, width, letters)
    found = []
    for path in every_page(house):
        page.goto(house.address + path)
        found += [(path, one) for one in page.evaluate(OUTSIDE)]
        assert page.is_visible("#line-words"), path  # the line is told on every page
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    assert found == []


def test_everything_works_without_scripts(house: House, browser: Browser, session: Path) -> None:
    context = visit(browser, session, locale="en", java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{house.address}/?q=inkaso")
    page.click(".call .body >> nth=-1")
    assert page.is_visible("audio.plain-player")
    assert not page.is_visible("main button.main")
    page.click("text=Flag this call")
    page.click("text=Take the flag away")
    page.fill("#note", "without scripts")
    page.click("text=Save the note")
    assert page.is_visible("text=The note is saved.")
    context.close()
