"""The page in a real browser: it plays on while one looks around, and everyone can use it."""

import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import axe_playwright_python
import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from firmware.archive import Archive
from firmware.control import ControlServer
from firmware.evidence.bundle.verify import verify
from scripts.household import fill, recorded
from scripts.screens import IDLE, PASSWORD, box, log_in
from tests.web.test_wizard import view as wizard

PAGES = ["/", "/?select=1", "/?number=586201142", "/?q=nobody", "/people", "/people/new"]
PAGES += [
    "/settings",
    "/log",
    "/nowhere",
    "/live/private",
    "/start",
    "/line",
    "/line/wizard",
    "/users",
]
PAGES += ["/tokens", "/password", "/export", "/consent"]
PAGES += ["/proof", "/proof/key", "/proof/words", "/proof/verify", "/cases", "/stop"]
PAGES += ["/subject?number=586201142", "/subject/erase?number=501502503"]
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
AUDIO = "document.getElementById('player-audio')"

# Controls smaller than a thumb, but for links within a sentence (WCAG 2.5.8, exception "inline").
SMALL = """[...document.querySelectorAll("a, button, select, summary, input:not([type=hidden])")]
    .filter((one) => one.checkVisibility() && !one.matches(".skip, input[type=radio], label input"))
    .filter((one) => !one.closest("p:not(.back, .actions, .state), td, dd, .unseen"))
    .map((one) => [one.outerHTML.slice(0, 90), one.getBoundingClientRect()])
    .filter(([, box]) => Math.min(box.width, box.height) < 43.5)
    .map(([html, box]) => `${html} ${box.width}x${box.height}`)"""

# What is given to the loudspeaker, and how far ahead of its time.
HEARD = """window.heard = []; const start = AudioBufferSourceNode.prototype.start;
AudioBufferSourceNode.prototype.start = function (when) {
  const loudest = Math.max(...this.buffer.getChannelData(0));
  if (loudest > 0.5) window.heard.push({
    loudest, ahead: when - this.context.currentTime,
    at: Date.now() + 1000 * (when - this.context.currentTime + this.context.baseLatency)});
  return start.call(this, when);
};"""


class House:
    """A box with a week of calls, and what its recorder answers."""

    def __init__(self, folder: Path, shown: str) -> None:
        self.folder = folder
        self.address = ""
        self.shown = shown
        self.state = dict(IDLE)
        self.listen: dict[str, Any] = {"ok": False}
        self.control = ControlServer(folder / "c.sock", self.answer)

    def answer(self, message: dict[str, Any]) -> dict[str, Any]:
        if message["do"] == "wizard":
            return wizard("ring", "nothing", idle={"noise_dbm0": -63, "volts": 48.2, "line": True})
        return self.listen if message["do"] == "listen" else self.state

    def speak(self, seconds: float) -> None:
        """Silence in 20 ms periods in real time, with an impulse in the middle."""
        for _ in range(100):
            if self.control.listened:
                break
            time.sleep(0.05)
        count = round(seconds * 50)
        for one in range(count):
            block = np.zeros(160, "<i2")
            if one == count // 2:
                block[80] = 30000
            self.control.send_audio(160 * one, block.tobytes())
            time.sleep(0.02)


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        made = House(Path(name), fill(Path(name) / "calls"))
        made.control.start()
        with box(made.folder, recorder=False) as address:
            made.address = address
            yield made
        made.control.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as player:
        flags = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
        made = player.chromium.launch(executable_path="/usr/bin/chromium", args=flags)
        yield made
        made.close()


@pytest.fixture(scope="module")
def session(house: House, browser: Browser) -> Path:
    """A session of the owner, kept for every context: guessing is slowed down, so is logging in."""
    path = house.folder / "session.json"
    context = browser.new_context()
    log_in(context.new_page(), house.address, house.folder)
    context.storage_state(path=path)
    context.close()
    return path


def visit(browser: Browser, session: Path, **more: Any) -> BrowserContext:
    size = {"width": 390, "height": 844}
    return browser.new_context(**{"viewport": size, "storage_state": session, **more})


@pytest.fixture
def page(house: House, browser: Browser, session: Path) -> Iterator[Page]:
    context = visit(browser, session, locale="en")
    made = context.new_page()
    complaints: list[str] = []
    made.on("console", lambda line: complaints.append(line.text))
    made.on("pageerror", lambda error: complaints.append(str(error)))
    made.goto(house.address)
    yield made
    context.close()
    assert [one for one in complaints if "status of 4" not in one] == []


def until(page: Page, script: str) -> None:
    """Wait for a script's truth; the page's policy forbids Playwright's own way."""
    for _ in range(100):
        if page.evaluate(script):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never true: {script}")


def test_a_call_plays_on_from_page_to_page_and_can_be_sought(page: Page, house: House) -> None:
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


def test_the_line_is_told_on_every_page(page: Page, house: House) -> None:
    page.click("text=People")
    page.wait_for_selector("text=Add a person")
    assert page.inner_text("#line-words") == "Idle"
    house.state |= {"state": "incall", "recording": True, "since_s": 61.0, "number": "586201142"}
    try:
        page.reload()
        assert page.inner_text("#line-words") == "In a call: Inkaso Plus"
        assert page.is_visible("text=Listen now")
        until(page, "/1:0[1-9]/.test(document.getElementById('line-clock').textContent)")
    finally:
        house.state.update(IDLE)


def test_the_running_call_is_heard_at_once(house: House, browser: Browser, session: Path) -> None:
    """An impulse is put into the line; the browser says when its loudspeaker plays it."""
    house.state |= {"state": "incall", "recording": True, "since_s": 1.0}
    house.listen = {"ok": True, "rate": 8000}
    context = visit(browser, session, locale="en")
    page = context.new_page()
    page.add_init_script(HEARD)
    try:
        page.goto(house.address)
        page.click("text=Listen now")
        page.wait_for_selector("text=Stop listening")
        house.speak(seconds=1.5)
        until(page, "window.heard.length > 0")
        assert page.evaluate("window.heard[0].loudest") > 0.5
        assert page.evaluate("window.heard[0].ahead") < 0.5  # seconds until it is played
        house.control.end_audio()
        page.wait_for_selector("text=Listen now")
    finally:
        house.state.update(IDLE)
        context.close()


def test_many_calls_are_flagged_at_once_and_deleted_only_with_the_password(
    page: Page, house: House
) -> None:
    page.click("text=Select")
    page.check("input[name=id] >> nth=0")
    page.check("input[name=id] >> nth=1")
    page.click("button[value=flag]")
    page.wait_for_selector("text=2 calls are flagged.")
    page.click("text=Select")
    page.check("input[name=id] >> nth=0")
    page.check("input[name=id] >> nth=1")
    page.click("text=More >> nth=-1")
    page.click("button[value=unflag]")
    page.wait_for_selector("text=2 calls have no flag now.")
    page.click("text=Select")
    page.check("input[name=id] >> nth=0")
    page.click("button[value=delete]")
    page.wait_for_selector("text=Delete the audio of 1 call?")
    page.fill("#password", "not the password")
    page.click("text=Delete the audio >> nth=-1")
    page.wait_for_selector("text=Nothing was deleted.")
    assert all(one.get("deleted_at") is None for one in Archive(house.folder / "calls").calls())


@pytest.mark.parametrize("language", ["pl", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_stands_in_the_way_of_anyone(
    house: House, browser: Browser, session: Path, language: str, scheme: Any
) -> None:
    context = visit(browser, session, locale=language, color_scheme=scheme)
    page = context.new_page()
    one = house.shown
    more = [f"/calls/{one}", f"/calls/{one}/stop", f"/bundle?id={one}", f"/cases/choose?id={one}"]
    for path in [*PAGES, *more]:
        page.goto(house.address + path)
        page.evaluate(AXE)
        found = page.evaluate("axe.run().then((found) => found.violations)")
        assert [(path, one["id"], one["nodes"][0]["failureSummary"]) for one in found] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
        small = page.evaluate(SMALL)
        assert small == [], path
    context.close()


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


def test_text_from_the_line_runs_nothing(page: Page, house: House) -> None:
    record = {"line": "1", "kind": "call", "direction": "incoming", "outcome": "missed"}
    record |= {"answered": False, "started_at": "2026-01-01T00:00:00+00:00", "duration_s": 0.0}
    hostile = "<img src=x onerror=document.title='owned'>"
    Archive(house.folder / "calls").add_row({**record, "name": hostile, "number": "22'\"><b>1"})
    page.goto(f"{house.address}/?since=2026-01-01&until=2026-01-01")
    assert re.search("onerror", page.inner_text("main"))
    assert page.title() == "Calls · Tipring"
