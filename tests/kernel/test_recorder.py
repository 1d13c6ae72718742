"""The unmodified recorder on a real GPIO chip and a real sound card."""

import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware.audio.capture import AlsaCapture
from firmware.simulator.scenario import load_scenario
from firmware.simulator.timeline import build
from tests.kernel.board import CAPTURED, Box, eventually


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@pytest.fixture
def box(folder: Path) -> Iterator[Box]:
    made = Box(folder)
    made.start()
    yield made
    made.stop()


@pytest.mark.parametrize("name", ["demo", "outgoing-dtmf", "outgoing-rotary", "hook-flash"])
def test_a_scenario_leaves_the_call_it_expects(box: Box, name: str) -> None:
    scenario = load_scenario(name)
    box.live_through(build(scenario))
    [call] = eventually(lambda: [one for one in box.calls() if one["kind"] == "call"])
    for key in scenario.expect.keys() - {"calls"}:
        assert call[key] == scenario.expect[key], key
    assert call["frames_stored"] == call["frames_expected"]
    assert call["gaps"] == []
    if name == "hook-flash":
        assert {one["kind"] for one in call["hook_events"]} == {"flash"}


def test_the_flag_button_and_the_lamps_in_a_call(box: Box) -> None:
    eventually(lambda: box.copper.lamp("ok"))
    box.copper.apply("offhook", True)
    eventually(lambda: box.copper.lamp("rec"))
    time.sleep(1.0)
    box.copper.apply("flag", True)
    pressed = time.monotonic()
    eventually(lambda: not box.copper.lamp("rec"))  # it blinks
    box.copper.apply("flag", False)
    lifted = pressed - box.state()["since_s"]
    assert lifted < pressed
    box.copper.apply("offhook", False)
    [call] = eventually(box.calls)
    assert call["flagged"]
    [offset] = call["flags"]
    assert 0.9 < offset < 3.0


def test_a_card_that_is_in_use_at_the_start_is_an_alarm_until_it_is_free(folder: Path) -> None:
    other = AlsaCapture(CAPTURED)
    box = Box(folder)
    box.start()
    try:
        eventually(lambda: "sound-card" in box.state()["alarms"])
        eventually(lambda: box.copper.lamp("fault"))
        freed = threading.Timer(0.1, other.close)
        freed.start()
        eventually(lambda: "sound-card" not in box.state()["alarms"])
        box.copper.apply("offhook", True)
        eventually(lambda: box.state()["recording"])
        time.sleep(1.0)
        box.copper.apply("offhook", False)
        [call] = eventually(lambda: [one for one in box.calls() if one["kind"] == "call"])
        assert call["audio"]
        [blind] = [one for one in box.calls() if one["kind"] == "blind"]
        assert blind["cause"] == "no-card"
    finally:
        box.stop()
