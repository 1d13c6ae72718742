"""The line in a browser: told on every page, and heard while the call runs."""

from pathlib import Path

from playwright.sync_api import Browser, Page

from scripts.screens import IDLE
from tests.web.browser.conftest import House, until, visit

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
