"""Calls are found by the pins of the HAT, or by voice where these cannot be had."""

import time
from pathlib import Path

import pytest
from gpiozero import LED

from firmware.daemon import Daemon
from firmware.line.errors import PinError
from tests.support.box import Box, eventually


def test_without_hook_detection_voice_begins_and_ends_a_call(folder: Path) -> None:
    box = Box(folder, hook="vox")
    box.daemon.start()
    try:
        assert box.state()["hook"] == "vox"
        box.source.level = 8000
        eventually(lambda: box.state()["recording"])
        box.source.level = 0
        [call] = eventually(box.calls)
        assert call["audio"]
    finally:
        box.daemon.stop()


def test_by_voice_a_call_ends_after_the_hang_time_and_the_next_is_another(folder: Path) -> None:
    """A pause shorter than the hang time ends nothing; two calls are never one recording."""
    box = Box(folder, hook="vox")
    box.daemon.start()
    try:
        for count in (1, 2):
            box.source.level = 8000
            eventually(lambda: box.state()["recording"])
            began = time.monotonic()
            time.sleep(0.3)
            box.source.level = 0
            time.sleep(0.4)  # of 1 s
            assert box.state()["recording"], "a pause is no hang-up"
            box.source.level = 8000
            time.sleep(0.3)
            box.source.level = 0
            eventually(lambda count=count: len(box.calls()) == count)
            call = box.calls()[0]
            assert call["audio"]
            assert 1.5 < call["duration_s"] < time.monotonic() - began + 1.5
            assert not box.state()["recording"]
        newer, older = box.calls()
        assert newer["id"] != older["id"]
        ended = older["started_monotonic"] + older["duration_s"]
        assert newer["started_monotonic"] > ended - 0.5
    finally:
        box.daemon.stop()


def test_pins_that_cannot_be_had_make_calls_be_found_by_voice_until_they_can(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("firmware.daemon.hook_watch.PINS_AGAIN_S", 0.5)
    held = [True]
    box = Box(folder)

    def pins() -> object:
        if held[0]:
            raise PinError("GPIO 17 (offhook) cannot be used: busy.")
        return box.factory

    daemon = Daemon(box.config, box.source, box.profile, pins)
    daemon.start()
    try:
        assert "GPIO 17" in box.state()["alarms"]["line-pins"]
        assert "voice activation" in box.state()["alarms"]["line-pins"]
        assert box.state()["hook"] == "vox"
        box.source.level = 8000
        eventually(lambda: box.state()["recording"])
        box.source.level = 0
        held[0] = False
        eventually(box.calls)
        eventually(lambda: not box.state()["alarms"])
        assert box.state()["hook"] == "gpio"
        box.line.apply("offhook", True)
        eventually(lambda: box.state()["recording"])
        box.line.apply("offhook", False)
        eventually(lambda: len(box.calls()) == 2)
    finally:
        daemon.stop()
    assert not daemon.failed.is_set()


def test_a_lamp_that_cannot_be_lit_leaves_the_line_watched(folder: Path) -> None:
    box = Box(folder)
    other = LED(box.profile.lamps["rec"], pin_factory=box.factory)
    box.daemon.start()
    try:
        assert "lamp rec" in box.state()["alarms"]["lamps"]
        assert box.state()["hook"] == "gpio"
        box.line.apply("offhook", True)
        eventually(lambda: box.state()["recording"])
    finally:
        box.daemon.stop()
        other.close()
