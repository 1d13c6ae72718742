"""The running recorder: threads, pins, socket and lamps together, in real time."""

from pathlib import Path

import pytest

from firmware.control import RecorderRunning
from firmware.daemon import Daemon
from firmware.simulator.pins import line_factory
from tests.support.box import Box, Source, eventually


def test_a_call_is_recorded_flagged_by_the_socket_and_listed(box: Box) -> None:
    assert box.state()["state"] == "idle"
    eventually(lambda: box.lamp("ok"))
    box.line.apply("offhook", True)
    eventually(lambda: box.state()["recording"])
    assert box.lamp("rec")
    assert box.client.request({"do": "flag"})["ok"]
    box.line.apply("offhook", False)
    [call] = eventually(box.calls)
    assert (call["outcome"], call["answered"]) == ("unknown", None)
    assert len(call["flags"]) == 1
    assert call["flagged"]
    eventually(lambda: not box.state()["recording"])


def test_the_flag_button_after_the_call_flags_it_and_the_lamp_says_so(box: Box) -> None:
    box.line.apply("offhook", True)
    eventually(lambda: box.state()["recording"])
    box.line.apply("offhook", False)
    eventually(box.calls)
    box.line.apply("flag", True)
    eventually(lambda: box.calls()[0].get("flagged"))
    assert box.state()["flag_pressed_ago_s"] < 30
    eventually(lambda: box.lamp("rec"))


def test_a_card_that_fails_is_an_alarm_until_it_is_back(box: Box) -> None:
    box.source.last_error = "The sound card is gone; calls are not recorded."
    eventually(lambda: box.state()["alarms"])
    assert "not recorded" in box.state()["alarms"]["sound-card"]
    eventually(lambda: box.lamp("fault"))
    box.source.last_error = ""
    eventually(lambda: not box.state()["alarms"])


def test_a_second_recorder_does_not_start_and_leaves_the_first_alone(box: Box) -> None:
    second = Daemon(box.config, Source(), box.profile, line_factory)
    with pytest.raises(RecorderRunning):
        second.start()
    assert box.state()["ok"]


def test_a_call_that_runs_when_the_recorder_is_stopped_is_kept(folder: Path) -> None:
    box = Box(folder)
    box.daemon.start()
    box.line.apply("offhook", True)
    eventually(lambda: box.state()["recording"])
    box.daemon.stop()
    [call] = box.calls()
    assert call["outcome"] == "unfinished"
    assert call["audio"]
