"""The line wizard from end to end: a browser, the page's process, a recorder, a simulated line."""

import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from firmware.archive import Archive
from firmware.control import ControlClient
from scripts.screens import box, log_in
from tests.support.exchange import Exchange, recorder
from tests.support.iio import Converters


def step(do: str, **more: Any) -> str:
    said = "\n".join(f"{key} = {json.dumps(value)}" for key, value in more.items())
    return f'[[step]]\ndo = "{do}"\n{said}\n'


OUTGOING = (
    step("silence", duration=0.5)
    + step("off_hook")
    + step("tone", name="dial", duration=4.0)
    + step("dial_dtmf", digits="601202303")
    + step("silence", duration=4.0)
    + step("on_hook")
)


def incoming(**caller: Any) -> str:
    return (
        step("silence", duration=0.5)
        + step("ring", on=1.0)
        + step("silence", duration=0.5)
        + step("caller_id", time="11240915", **caller)
        + step("silence", after_ring=3.0)
        + step("ring", on=1.0)
        + step("silence", duration=0.8)
        + step("off_hook")
        + step("silence", duration=0.5)
        + step("say", voice="pl-owner-reply", side="near", level=-16.0)
        + step("silence", duration=0.6)
        + step("say", voice="en-collector-hello", side="far", level=-26.0)
        + step("silence", duration=0.6)
        + step("on_hook")
    )


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as player:
        flags = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
        made = player.chromium.launch(executable_path="/usr/bin/chromium", args=flags)
        yield made
        made.close()


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        yield Path(name)


def wait_for(page: Page, name: str, state: str = "now", seconds: float = 60) -> None:
    page.wait_for_selector(f'[data-step="{name}"][data-is="{state}"]', timeout=seconds * 1000)


def seen(page: Page, name: str) -> str:
    return page.inner_text(f'[data-step="{name}"]')


def scene(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.toml"
    path.write_text(text)
    return path


def test_an_inverted_hook_is_found_and_corrected_and_v23_and_levels_are_learned_and_proved(
    folder: Path, browser: Browser
) -> None:
    exchange = Exchange(inverted=frozenset({"offhook"}))
    daemon = recorder(folder, exchange)
    daemon.start()
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="pl")
    try:
        with box(folder, recorder=False) as address:
            page = context.new_page()
            log_in(page, address, folder)
            page.goto(f"{address}/line/wizard")
            page.click("button:has-text('Zacznij')")
            wait_for(page, "lift")
            assert "hook" not in seen(page, "idle")  # Polish throughout
            exchange.play(scene(folder, "out", OUTGOING))
            wait_for(page, "dial")
            wait_for(page, "ring")
            assert "601 202 303" in seen(page, "dial") or "601202303" in seen(page, "dial")
            assert "odwrotnie" in seen(page, "lift")
            exchange.play(
                scene(folder, "in", incoming(standard="v23", number="223456789", more="1101"))
            )
            wait_for(page, "play")
            assert "V.23" in seen(page, "ring")
            assert "22 345 67 89" in seen(page, "ring")
            page.click('[data-step="play"] [data-play]')
            for _ in range(400):
                if page.evaluate("document.getElementById('player-audio').currentTime > 0.3"):
                    break
                page.wait_for_timeout(50)
            assert page.evaluate("document.getElementById('player-audio').currentTime > 0.3")
            page.click("button:has-text('Słychać obie')")
            page.wait_for_selector("text=Wyuczone ustawienia")
            page.wait_for_selector("text=ETSI V.23")
    finally:
        context.close()
        daemon.stop()
    learned = json.loads((folder / "state/line.json").read_text())
    assert learned["turned"] == ["offhook"]
    assert learned["caller_id"] == "etsi-v23"
    assert learned["hook"] == "gpio"
    assert learned["proved_at"]
    assert -26 < learned["near_dbm0"] < -10
    assert learned["far_dbm0"] < learned["near_dbm0"] - 3
    assert learned["noise_dbm0"] < learned["vox_threshold_dbm0"] < learned["far_dbm0"]
    newest = Archive(folder / "calls").calls()[0]
    assert (newest["direction"], newest["number"]) == ("incoming", "223456789")

    # After a restart the input is still the right way round.
    again = recorder(folder, exchange)
    again.start()
    try:
        time.sleep(2.0)
        state = ControlClient(folder / "c.sock", timeout=20.0).request({"do": "state"})
        assert (state["state"], state["inputs_turned"]) == ("idle", ["offhook"])
    finally:
        again.stop()


def test_on_the_hat_the_voltage_tells_and_bellcore_is_learned(
    folder: Path, browser: Browser
) -> None:
    board = Converters(folder / "iio")
    exchange = Exchange(board=board)
    daemon = recorder(folder, exchange, board.gauge)
    daemon.start()
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en")
    try:
        with box(folder, recorder=False) as address:
            page = context.new_page()
            log_in(page, address, folder)
            page.goto(f"{address}/line")
            page.wait_for_selector("#monitor-volts")
            assert page.inner_text("#monitor-volts") == "48.0 V"
            page.goto(f"{address}/line/wizard")
            page.click("button:has-text('Begin')")
            wait_for(page, "lift")
            assert "48.0 V" in seen(page, "idle")
            exchange.play(scene(folder, "out", OUTGOING))
            wait_for(page, "ring")
            assert "9.3 V when lifted" in seen(page, "lift")
            page.click('[data-step="dial"] >> button:has-text("Once more")')
            wait_for(page, "dial")
            page.click('[data-step="dial"] >> button:has-text("Skip")')
            wait_for(page, "ring")  # it is on its hook already
            who = {"number": "2125550147", "name": "ACME COLLECTIONS"}
            exchange.play(scene(folder, "in", incoming(**who)))
            wait_for(page, "play")
            assert "Bellcore MDMF" in seen(page, "ring")
            page.goto(f"{address}/line")
            page.wait_for_selector("#monitor-lowest")
            assert float(page.inner_text("#monitor-lowest").split()[0]) == pytest.approx(9.3)
            assert float(page.inner_text("#monitor-highest").split()[0]) == pytest.approx(48.0)
            page.goto(f"{address}/line/wizard")
            page.click("button:has-text('Leave without')")
            page.wait_for_selector("button:has-text('Begin')")
    finally:
        context.close()
        daemon.stop()
    learned = json.loads((folder / "state/line.json").read_text())
    assert learned["caller_id"] == ""  # cancelled: only the voltage is known
    assert learned["idle_v"] == pytest.approx(48.0, abs=0.1)
    assert board.threshold() == pytest.approx(26.4, abs=0.3)
