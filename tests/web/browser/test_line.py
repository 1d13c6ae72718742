"""The line in a browser: told on every page, and heard while the call runs."""

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from scripts.screens import IDLE
from tests.web.browser.conftest import House, told, until, visit

# What is given to the loudspeaker, and how far ahead of its time.
HEARD = """window.heard = []; const start = AudioBufferSourceNode.prototype.start;
AudioBufferSourceNode.prototype.start = function (when) {
  const loudest = Math.max(...this.buffer.getChannelData(0));
  if (loudest > 0.5) window.heard.push({
    loudest, ahead: when - this.context.currentTime,
    at: Date.now() + 1000 * (when - this.context.currentTime + this.context.baseLatency)});
  return start.call(this, when);
};"""


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


RUNNING: dict[str, Any] = {"state": "incall", "recording": True, "since_s": 3.0}
STATES: list[tuple[dict[str, Any], str, str]] = [
    ({"state": "ringing", "number": "586201142"}, "Dzwoni: Inkaso Plus", "Ringing: Inkaso Plus"),
    ({"state": "ringing", "number": "223456789"}, "Dzwoni: 22 345 67 89", "Ringing: 22 345 67 89"),
    ({"state": "stuck"}, "Słuchawka jest podniesiona", "A telephone is off the hook"),
    ({"state": "cut"}, "Linia jest przerwana", "The line is cut"),
]


@pytest.mark.parametrize(("facts", "polish", "english"), STATES)
def test_each_state_of_the_line_is_told_as_it_comes_on_a_page_that_stays_open(
    house: House,
    reader: Callable[..., Page],
    facts: dict[str, Any],
    polish: str,
    english: str,
) -> None:
    for language, said in (("pl", polish), ("en", english)):
        page = reader(language)
        page.goto(f"{house.address}/people")
        page.wait_for_timeout(300)  # until the page follows the line
        with told(house, **facts):
            whole = re.sub(r"(?<=\d) (?=\d)", "\xa0", said)  # a number stays in one line
            until(page, f"document.getElementById('line-words').textContent === '{whole}'")
            assert page.evaluate("document.getElementById('line').className") == (
                f"line {facts['state']}"
            )
        page.close()


def test_a_running_call_has_its_seconds_its_level_and_its_buttons(page: Page, house: House) -> None:
    page.wait_for_timeout(300)
    assert page.is_hidden("#line-level")
    with told(house, **RUNNING):
        page.wait_for_selector("text=Flag this moment")
        until(page, "/^0:0[3-9]$/.test(document.getElementById('line-clock').textContent)")
        house.control.publish({"event": "level", "dbm0": -21.5})
        until(page, "document.getElementById('line-level').value === -21.5")
        assert page.is_visible("#line-level")
        assert page.is_visible("text=Listen now")
        assert page.is_visible("text=Make private…")
    house.control.publish({"event": "state"})
    page.wait_for_selector("text=Flag this moment", state="hidden")
    assert page.is_hidden("#line-level")


def test_an_alarm_appears_on_the_open_page_and_goes(page: Page, house: House) -> None:
    page.wait_for_timeout(300)
    with told(house, alarms={"line-cut": "cut"}):
        page.wait_for_selector("#alarms >> text=There is no voltage on the line")
    house.control.publish({"event": "state"})
    page.wait_for_selector("#alarms .alarm", state="detached")


def test_the_thirteenth_page_asks_for_the_line_now_and_then(
    house: House, reader: Callable[..., Page], session: Path
) -> None:
    cookies = json.loads(session.read_text())["cookies"]
    cookie = "; ".join(f"{one['name']}={one['value']}" for one in cookies)
    asked = urllib.request.Request(f"{house.address}/live/events", headers={"Cookie": cookie})
    page = reader()
    page.wait_for_timeout(2000)  # the streams of the pages before are free again
    with ExitStack() as streams:
        for _ in range(12):
            answer = streams.enter_context(urllib.request.urlopen(asked, timeout=10))
            assert answer.readline() == b"retry: 3000\n"
        with pytest.raises(urllib.error.HTTPError, match="503"):
            urllib.request.urlopen(asked, timeout=10)
        page.goto(house.address)
        page.wait_for_timeout(500)
        house.state |= {"state": "cut"}  # and nobody is told
        try:
            page.wait_for_selector("#line-words:text-is('The line is cut')", timeout=12000)
        finally:
            house.state.update(IDLE)
    page.close()
    patience = time.monotonic() + 10
    while True:
        try:  # who left has left his stream to others
            urllib.request.urlopen(asked, timeout=10).close()
            break
        except urllib.error.HTTPError:
            assert time.monotonic() < patience
            time.sleep(0.2)


def test_the_monitor_keeps_the_lowest_and_the_highest(
    house: House, reader: Callable[..., Page]
) -> None:
    page = reader("pl")
    volts: dict[str, Any] = {"line_volts": 48.04, "line_lowest_volts": 7.1}
    volts |= {"line_highest_volts": 51.9}
    house.state |= volts
    page.goto(f"{house.address}/line")
    page.wait_for_timeout(300)
    for level in (-40.0, -62.5, -18.25, -30.0):
        house.control.publish({"event": "level", "dbm0": level})
    house.control.publish({"event": "volts", **volts, "line_lowest_volts": 6.96})
    until(page, "document.getElementById('monitor-level').textContent === '-30,0 dBm0'")
    assert page.inner_text("#monitor-low") == "-62,5 dBm0"
    assert page.inner_text("#monitor-high") in ("-18,3 dBm0", "-18,2 dBm0")
    assert page.evaluate("document.getElementById('monitor-meter').value") == -30
    until(page, "document.getElementById('monitor-lowest').textContent === '7,0 V'")
    assert page.inner_text("#monitor-volts") == "48,0 V"
    assert page.inner_text("#monitor-highest") == "51,9 V"
    for name in volts:
        del house.state[name]


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
