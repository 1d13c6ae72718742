"""What `make run` starts, seen through a real browser: a call comes, is found, and plays."""

import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, sync_playwright

from firmware.simulator.scenario import load_scenario
from firmware.simulator.steps import CallerIdBurst
from scripts.run_demo import as_now

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "a quiet evening at home"


@contextmanager
def running(folder: Path, bind: str) -> Iterator["subprocess.Popen[str]"]:
    """What `make run` starts; interrupted by Ctrl-C's signal at the end, and gone cleanly then."""
    box = subprocess.Popen(
        [sys.executable, "scripts/run_demo.py", "--bind", bind, "--var", str(folder)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield box
    finally:
        box.send_signal(signal.SIGINT)
        rest = box.communicate(timeout=30)[0]
    assert "the calls are kept" in rest
    assert box.returncode == 0


def said(process: "subprocess.Popen[str]", until: str) -> str:
    assert process.stdout is not None
    text = ""
    while until not in text:
        line = process.stdout.readline()
        assert line, f"it stopped: {text}"
        text += line
    return text


def opened(page: Page, address: str) -> None:
    for _ in range(100):
        try:
            page.goto(f"http://{address}/")
            return
        except Error:
            time.sleep(0.1)
    raise AssertionError("the page never answered")


def eventually(check: Callable[[], bool]) -> None:
    for _ in range(120):
        if check():
            return
        time.sleep(0.25)
    raise AssertionError("it never came to that")


@pytest.fixture
def address() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


@pytest.fixture
def browser() -> Iterator[Browser]:
    with sync_playwright() as player:
        flags = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
        made = player.chromium.launch(executable_path="/usr/bin/chromium", args=flags)
        yield made
        made.close()


def test_a_stranger_starts_it_and_hears_the_first_call(address: str, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(line.text))

    def listed() -> bool:
        page.goto(f"http://{address}/")
        return page.locator(".calls li").count() == 1

    with tempfile.TemporaryDirectory() as name:
        with running(Path(name), address) as box:
            code = re.search(r"one-time code (\w{8})", said(box, "Ctrl-C stops both"))
            assert code
            opened(page, address)
            page.fill("#code", code[1])
            page.fill("#password", PASSWORD)
            page.fill("#again", PASSWORD)
            page.click("text=Set the password")
            page.wait_for_selector("text=A call to here")
            eventually(listed)
            page.click(".calls li a.body")
            page.wait_for_selector("main button.main")
            assert "22 345 67 89" in page.inner_text("main")
            page.click("main button.main")
            at = "document.getElementById('player-audio').currentTime"
            eventually(lambda: page.evaluate(at) > 0.5)
            assert 5 < page.evaluate("document.getElementById('player-audio').duration") < 15
            page.click("text=Flag this call")
            page.wait_for_selector("text=Take the flag away")
            assert page.evaluate("document.documentElement.scrollWidth") <= 390
            assert complaints == []
        with running(Path(name), address) as box:
            assert "one-time code" not in said(box, "the password chosen before")
            opened(page, address)
            assert page.locator(".calls li").count() >= 1


def test_the_simulated_exchange_sends_the_time_that_it_is() -> None:
    demo = load_scenario("demo")
    told = as_now(demo, datetime(2031, 2, 3, 4, 5))
    times = [one.time for one in told.steps if isinstance(one, CallerIdBurst)]
    assert times == ["02030405"]
    assert len(told.steps) == len(demo.steps)
