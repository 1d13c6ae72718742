"""The line's voltage in the running recorder, with the real classes of firmware/line."""

from pathlib import Path

import pytest

from tests.support.box import Box, eventually
from tests.support.iio import Converters


def test_the_voltage_is_learned_sets_the_comparator_is_told_and_survives_a_restart(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("firmware.line.voltage.LIVE_S", 0.1)
    board = Converters(folder / "iio", 52.0)
    first = Box(folder, gauge=board.gauge)
    first.daemon.start()
    try:
        eventually(lambda: (folder / "line.json").exists())
        state = first.state()
        assert state["line_volts"] == pytest.approx(52.0, abs=0.1)
        assert state["line_idle_volts"] == pytest.approx(52.0, abs=0.1)
        assert state["line_threshold_volts"] == pytest.approx(28.6, abs=0.3)
        assert board.threshold() == pytest.approx(28.6, abs=0.3)
    finally:
        first.daemon.stop()
    (board.dac / "out_voltage0_raw").write_text("2048\n")
    second = Box(folder, gauge=board.gauge)
    second.daemon.start()
    try:
        assert second.state()["line_idle_volts"] == pytest.approx(52.0, abs=0.1)
        eventually(lambda: board.threshold() == pytest.approx(28.6, abs=0.3))
    finally:
        second.daemon.stop()


def test_a_gauge_that_fails_is_an_alarm_and_calls_are_recorded_all_the_same(folder: Path) -> None:
    board = Converters(folder / "iio")
    box = Box(folder, gauge=board.gauge)
    box.daemon.start()
    try:
        eventually(lambda: box.state()["line_volts"])
        (board.adc / "in_voltage0_raw").write_text("")
        eventually(lambda: "line-gauge" in box.state()["alarms"])
        assert "calls are still noticed" in box.state()["alarms"]["line-gauge"]
        box.line.apply("offhook", True)
        eventually(lambda: box.state()["recording"])
        box.line.apply("offhook", False)
        eventually(box.calls)
        board.line(48.0)
        eventually(lambda: "line-gauge" not in box.state()["alarms"])
    finally:
        box.daemon.stop()


def test_a_box_without_the_gauge_is_as_it_always_was(box: Box) -> None:
    state = box.state()
    assert state["line_volts"] is None
    assert state["line_threshold_volts"] is None
    assert state["alarms"] == {}


def test_an_unplugged_line_is_told_as_cut_while_its_charge_still_runs_off(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pin says lifted and stays so; the voltage says that nobody holds it."""
    monkeypatch.setattr("firmware.line.voltage.APART_S", 0.1)
    monkeypatch.setattr("firmware.line.voltage.LIVE_S", 0.1)
    board = Converters(folder / "iio")
    box = Box(folder, gauge=board.gauge)
    box.daemon.start()
    try:
        eventually(lambda: box.state()["line_idle_volts"])
        board.line(25.0)
        board.runs_off = 0.9
        box.line.apply("offhook", True)
        eventually(lambda: box.state()["state"] == "cut")
        eventually(lambda: "line-cut" in box.state()["alarms"])
        [call] = eventually(box.calls)
        assert call["outcome"] == "line-cut"
        board.runs_off = 1.0
        board.line(48.0)
        box.line.apply("offhook", False)
        eventually(lambda: box.state()["state"] == "idle")
        eventually(lambda: box.state()["alarms"] == {})
    finally:
        box.daemon.stop()
