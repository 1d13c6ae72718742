"""The announcement on a real sound card, and the inject switch on a real GPIO chip."""

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware.config import ConsentConfig
from firmware.line.board import Board
from firmware.line.factory import pin_factory
from firmware.line.profile import HatProfile
from firmware.simulator.scenario import load_scenario
from firmware.simulator.timeline import build
from tests.kernel.board import PLAYED, Box, Copper, eventually

PIN = HatProfile.default().outputs["inject"]
KILLED = """
import time
from firmware.line.factory import pin_factory
from firmware.line.switch import InjectSwitch
switch = InjectSwitch({pin}, pin_factory("lgpio"))
switch.set(True)
print("closed", flush=True)
time.sleep(60)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def test_an_office_announces_its_calls_and_the_switch_is_closed_meanwhile(folder: Path) -> None:
    box = Box(folder, ConsentConfig(use="business", playout=PLAYED))
    box.start()
    try:
        assert not box.copper.output(PIN)
        eventually(lambda: box.daemon._recorder._running.flows)
        call_runs = threading.Thread(target=box.move_pins, args=[build(load_scenario("demo"))])
        call_runs.start()
        eventually(lambda: box.copper.output(PIN))
        eventually(lambda: not box.copper.output(PIN))
        call_runs.join()
        [call] = eventually(lambda: [one for one in box.calls() if one["kind"] == "call"])
    finally:
        box.stop()
    assert not box.copper.output(PIN)
    [played] = call["consent"]["played"]
    assert played["audible"]
    answered = call["off_hook_monotonic"] - call["audio_monotonic"]
    assert 0 < played["from"] / call["rate"] - answered < 1.0


def test_a_card_in_use_is_an_alarm_and_the_call_is_recorded(folder: Path) -> None:
    box = Box(folder, ConsentConfig(use="business", playout=PLAYED))
    box.start()
    try:
        eventually(lambda: box.daemon._recorder._running.flows)
        box.live_through(build(load_scenario("demo")))  # its sound takes the only way in
        eventually(lambda: "play-out" in box.state()["alarms"])
        [call] = eventually(lambda: [one for one in box.calls() if one["kind"] == "call"])
        assert call["audio"]
        assert not call["consent"]["played"][0]["audible"]
        eventually(lambda: "announcement-not-heard" in box.state()["alarms"])
    finally:
        box.stop()


def test_what_a_killed_process_left_closed_is_open_after_the_next_start() -> None:
    copper = Copper(HatProfile.default())
    with subprocess.Popen(
        [sys.executable, "-c", KILLED.format(pin=PIN)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "closed\n"
        assert copper.output(PIN)
        process.kill()
    factory = pin_factory("lgpio")
    board = Board(
        *(HatProfile.default(), lambda _event: None, time.monotonic),
        lambda: factory,
    )
    assert board.start()
    assert not copper.output(PIN)
    board.close()
    factory.close()  # only then does the kernel have the lines back
