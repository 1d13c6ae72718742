"""A chromium on a phone's screen, over a box with a week of calls that is really run."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from firmware.control import ControlServer
from scripts.household import fill
from scripts.screens import IDLE, box, log_in
from tests.web.test_wizard import view as wizard

AUDIO = "document.getElementById('player-audio')"


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


@pytest.fixture(scope="package")
def house() -> Iterator[House]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        made = House(Path(name), fill(Path(name) / "calls"))
        made.control.start()
        with box(made.folder, recorder=False) as address:
            made.address = address
            yield made
        made.control.close()


FLAGS = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as player:
        made = player.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield made
        made.close()


@pytest.fixture(scope="module")
def large(browser: Browser) -> Iterator[Browser]:
    """The browser of somebody who set its letters to twice their size."""
    flags = [*FLAGS, "--blink-settings=defaultFontSize=32"]
    made = browser.browser_type.launch(executable_path="/usr/bin/chromium", args=flags)
    yield made
    made.close()


@pytest.fixture(scope="module")
def session(house: House, browser: Browser) -> Path:
    """A session of the owner, kept for every context: guessing is slowed down, so is logging in."""
    path = house.folder / "session.json"
    if path.exists():
        return path
    context = browser.new_context()
    log_in(context.new_page(), house.address, house.folder)
    context.storage_state(path=path)
    context.close()
    return path


def visit(browser: Browser, session: Path, **more: Any) -> BrowserContext:
    size = {"width": 390, "height": 844}
    return browser.new_context(**{"viewport": size, "storage_state": session, **more})


@pytest.fixture
def reader(session: Path, request: pytest.FixtureRequest) -> Iterator[Callable[..., Page]]:
    """Opens a page as somebody reads it: his language, his screen's width, his letters' size."""
    opened = []

    def made(language: str = "en", width: int = 390, letters: str = "browser") -> Page:
        size = {"width": width, "height": 844}
        by = request.getfixturevalue(letters)
        opened.append(visit(by, session, viewport=size, locale=language))
        return opened[-1].new_page()

    yield made
    for context in opened:
        context.close()


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
    told = ("status of 4", "status of 503")  # what the page says of itself, and tests ask for
    assert [one for one in complaints if not any(part in one for part in told)] == []


def until(page: Page, script: str) -> None:
    """Wait for a script's truth; the page's policy forbids Playwright's own way."""
    for _ in range(100):
        if page.evaluate(script):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never true: {script}")


@contextmanager
def told(house: House, event: str = "state", **facts: Any) -> Iterator[None]:
    """The recorder says so, and the line is idle again afterwards."""
    house.state |= facts
    house.control.publish({"event": event, **facts})
    try:
        yield
    finally:
        house.state.update(IDLE)
