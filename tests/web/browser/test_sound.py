"""What comes out of the loudspeaker, the keys, the lock screen, and what is said of bad sound."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from firmware.archive import Archive
from scripts.household import recorded, talk
from tests.web.browser.conftest import AUDIO, House, until, visit

# The highest sample on its way to the loudspeaker, over a fifth of a second.
TAPPED = """const join = AudioNode.prototype.connect;
AudioNode.prototype.connect = function (to, ...more) {
  if (to === this.context.destination) {
    window.tap = new AnalyserNode(this.context, { fftSize: 8192 });
    join.call(this, window.tap);
  }
  return join.call(this, to, ...more);
};
window.loudest = () => {
  const samples = new Float32Array(8192);
  window.tap.getFloatTimeDomainData(samples);
  return Math.max(...samples.map(Math.abs));
};"""
# What the lock screen's buttons would call.
BUTTONS = """window.lock = {}; const set = MediaSession.prototype.setActionHandler;
MediaSession.prototype.setActionHandler = function (name, handler) {
  window.lock[name] = handler;
  return set.call(this, name, handler);
};"""

AT = {"started_at": "2026-01-01T00:00:00+00:00"}


def tone(level: float, seconds: float) -> Any:
    wave = np.sin(np.arange(round(8000 * seconds)) * 2 * np.pi * 440 / 8000)
    return (32767 * level * wave).astype(np.int16)


def playing(page: Page, house: House, call_id: str) -> None:
    page.goto(f"{house.address}/calls/{call_id}")
    page.click("main button.main")
    until(page, f"{AUDIO}.currentTime > 0.1")
    page.evaluate("document.activeElement.blur()")


def test_louder_lifts_a_quiet_far_end_and_limits_a_loud_near_one(
    house: House, browser: Browser, session: Path
) -> None:
    sound = np.concatenate((tone(0.03, 20), tone(0.7, 20)))
    call = recorded(Archive(house.folder / "calls"), sound, number="22112", **AT)
    context = visit(browser, session, locale="en")
    page = context.new_page()
    page.add_init_script(TAPPED)
    playing(page, house, call)
    page.keyboard.press("b")
    page.wait_for_timeout(700)
    assert 0.09 < page.evaluate("loudest()") < 0.3  # five times as loud, or more
    page.evaluate(f"{AUDIO}.currentTime = 25")
    page.wait_for_timeout(1200)
    assert 0.5 < page.evaluate("loudest()") <= 1.0  # five times 0.7 would be torn
    page.keyboard.press("b")
    page.evaluate(f"{AUDIO}.currentTime = 5")
    page.wait_for_timeout(1200)
    assert page.evaluate("loudest()") == pytest.approx(0.03, abs=0.01)
    context.close()


def test_every_key_does_what_its_button_does(page: Page, house: House) -> None:
    playing(page, house, house.shown)
    at = f"{AUDIO}.currentTime"
    for key, check in (
        (" ", f"{AUDIO}.paused"),
        ("ArrowRight", f"{at} > 10 && {at} < 12"),
        ("l", f"{at} > 20 && {at} < 22"),
        ("ArrowLeft", f"{at} > 10 && {at} < 12"),
        ("j", f"{at} < 2"),
        (">", f"{AUDIO}.playbackRate === 1.25"),
        ("<", f"{AUDIO}.playbackRate === 1"),
        ("<", f"{AUDIO}.playbackRate === 0.75"),
        ("<", f"{AUDIO}.playbackRate === 0.75"),
        ("s", "document.querySelector('[data-do=skip]').ariaPressed === 'true'"),
        ("b", "document.querySelector('[data-do=boost]').ariaPressed === 'true'"),
        ("k", f"!{AUDIO}.paused"),
        ("n", f"!{AUDIO}.src.includes('{house.shown}')"),
        ("Escape", "document.getElementById('player').hidden"),
    ):
        page.keyboard.press(key)
        until(page, check)
    page.evaluate("localStorage.clear()")


def test_the_lock_screen_shows_the_call_and_its_buttons_work(
    house: House, browser: Browser, session: Path
) -> None:
    context = visit(browser, session, locale="en")
    page = context.new_page()
    page.add_init_script(BUTTONS)
    playing(page, house, house.shown)
    shown = page.evaluate("navigator.mediaSession.metadata")
    assert page.evaluate("navigator.mediaSession.metadata.title") == "Inkaso Plus", shown
    assert "20" in page.evaluate("navigator.mediaSession.metadata.artist")  # its day
    page.evaluate("lock.play()")  # pressed while it plays: it plays on
    assert not page.evaluate(f"{AUDIO}.paused")
    page.evaluate("lock.pause()")
    page.evaluate("lock.pause()")
    until(page, f"{AUDIO}.paused")
    page.evaluate("lock.seekto({ seekTime: 20 })")
    assert page.evaluate(f"{AUDIO}.currentTime") == 20
    page.evaluate("lock.seekbackward()")
    assert page.evaluate(f"{AUDIO}.currentTime") == 10
    page.evaluate("lock.seekforward()")
    assert page.evaluate(f"{AUDIO}.currentTime") == 20
    page.evaluate("lock.play()")
    until(page, f"!{AUDIO}.paused && {AUDIO}.currentTime > 20.1")
    page.evaluate("lock.nexttrack()")
    until(page, f"!{AUDIO}.src.includes('{house.shown}')")
    context.close()


def test_the_waveform_bears_every_kind_of_mark_in_its_place(page: Page, house: House) -> None:
    marks: dict[str, Any] = {
        "flags": [3.0],
        "tones": [{"kind": "dtmf", "digit": "5", "offset": 8.0}],
        "hook_events": [{"kind": "flash", "offset": 13.0}],
        "gaps": [{"offset": 8000 * 10, "count": 800, "reason": "xrun"}],
        "consent": {"played": [{"what": "announcement", "from": 8000 * 2, "to": 8000 * 3}]},
    }
    archive = Archive(house.folder / "calls")
    call = recorded(archive, tone(0.3, 20), number="22113", **AT)
    archive.add_later(call, **marks)
    playing(page, house, call)
    pins = """[...document.querySelectorAll("#player-wave .marks i")]
        .map((one) => [one.className, Math.round(parseFloat(one.style.left))])"""
    wanted = [["announcement", 10], ["flag", 25], ["key", 50], ["gap", 50], ["hook", 75]]
    assert sorted(page.evaluate(pins)) == sorted(wanted)
    assert page.evaluate("document.querySelectorAll('.page-wave .pin').length") == 5
    assert "0.10 s are missing at 0:10" in page.inner_text("#player-trouble")


def test_a_recording_without_a_sample_is_said_to_be_empty_where_it_is_played(
    page: Page, house: House
) -> None:
    archive = Archive(house.folder / "calls")
    call = recorded(archive, talk("pl-owner"), number="22114", **AT)
    archive.add_later(call, frames_stored=0)
    archive.sound(call).path.write_bytes(b"fLaC")
    page.goto(f"{house.address}/calls/{call}")
    page.click("main button.main")
    page.wait_for_timeout(1500)
    assert "The recording is empty" in page.inner_text("#player-trouble")
