"""The voltage beside the calls: what is learned, told and set, and what is left alone."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from firmware.events import LineCut, LineEvent, LineRestored, OffHook, OnHook
from firmware.line import voltage
from firmware.line.gauge import GaugeError, LineGauge
from firmware.line.voltage import LineVoltage, Outlets, Volts
from tests.support.iio import Converters


def until(check: Callable[[], Any]) -> Any:
    for _ in range(500):
        if found := check():
            return found
        time.sleep(0.01)
    raise AssertionError("it never came to that")


class Line:
    """A board on a line, its voltage read a hundred times as often as on a box."""

    def __init__(self, root: Path, volts: float, idle: float | None = None) -> None:
        self.board = Converters(root, volts)
        self.state = "idle"
        self.events: list[LineEvent] = []
        self.alarms: list[str] = []
        self.kept: list[tuple[float, float | None]] = []
        self.readings = 0
        self.voltage = LineVoltage(self.board.gauge, self.outlets(), time.monotonic, idle)

    def outlets(self) -> Outlets:
        def changed(_volts: Volts) -> None:
            self.readings += 1

        return Outlets(
            state=lambda: self.state,
            followed=lambda: False,
            emit=self.events.append,
            tell=self.alarms.append,
            keep=lambda idle, kept: self.kept.append((idle, kept)),
            changed=changed,
        )

    def wait_for_readings(self, count: int) -> None:
        seen = self.readings
        until(lambda: self.readings >= seen + count)

    def lift(self, volts: float) -> None:
        self.board.line(volts)
        self.state = "incall"
        self.voltage.event(OffHook(time.monotonic()))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REST_S", "LIVE_S", "APART_S"):
        monkeypatch.setattr(voltage, name, 0.02)


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Callable[..., Line]]:
    lines: list[Line] = []

    def make(volts: float, idle: float | None = None) -> Line:
        line = Line(tmp_path, volts, idle)
        lines.append(line)
        line.voltage.start()
        return line

    yield make
    for line in lines:
        line.voltage.stop()


def test_the_threshold_is_set_to_a_share_of_the_learned_voltage_and_kept(
    made: Callable[..., Line],
) -> None:
    line = made(52.0)
    until(lambda: line.kept)
    assert line.kept[0][0] == pytest.approx(52.0, abs=0.05)
    assert line.board.threshold() == pytest.approx(0.55 * 52.0, abs=0.3)
    assert (line.board.dac / "store_eeprom").read_text() == "1"
    known = line.voltage.known
    assert known.idle == pytest.approx(52.0, abs=0.05)
    assert known.threshold == pytest.approx(28.6, abs=0.3)


def test_it_is_not_set_again_for_a_trifle_nor_during_a_call(made: Callable[..., Line]) -> None:
    line = made(48.0)
    until(lambda: line.kept)
    before = line.board.dac_volts()
    line.board.line(49.0)
    line.wait_for_readings(12)
    assert line.board.dac_volts() == before
    line.state = "incall"
    line.board.line(55.0)
    line.wait_for_readings(12)
    assert line.board.dac_volts() == before
    line.state = "idle"
    until(lambda: line.board.dac_volts() != before)


def test_ringing_teaches_nothing(made: Callable[..., Line]) -> None:
    line = made(48.0, 48.0)
    line.state = "ringing"
    line.board.line(80.0)
    line.wait_for_readings(12)
    assert line.voltage.known.idle == 48.0
    assert (line.voltage.known.lowest, line.voltage.known.highest) != (None, None)


def test_what_was_learned_before_is_set_at_the_start(made: Callable[..., Line]) -> None:
    line = made(24.0, 24.0)
    until(lambda: line.board.threshold() == pytest.approx(13.2, abs=0.3))
    assert not line.alarms or line.alarms == [""]


def test_an_unplugged_line_is_told_as_cut_and_its_return_as_restored(
    made: Callable[..., Line],
) -> None:
    line = made(48.0, 48.0)
    line.wait_for_readings(6)
    line.board.runs_off = 0.9
    line.lift(25.0)
    until(lambda: line.events)
    line.board.runs_off = 1.0
    assert isinstance(line.events[0], LineCut)
    line.state = "cut"
    line.board.line(48.0)
    until(lambda: len(line.events) == 2)
    assert isinstance(line.events[1], LineRestored)


def test_a_telephone_that_holds_its_voltage_after_all_is_recorded_again(
    made: Callable[..., Line],
) -> None:
    line = made(48.0, 48.0)
    line.wait_for_readings(6)
    line.board.runs_off = 0.9
    line.lift(25.0)
    until(lambda: line.events)
    line.board.runs_off = 1.0
    line.board.line(9.0)
    until(lambda: len(line.events) == 3)
    assert [type(event) for event in line.events] == [LineCut, LineRestored, OffHook]


def test_a_lifted_telephone_is_no_cut_line_nor_is_one_that_dials(made: Callable[..., Line]) -> None:
    line = made(48.0, 48.0)
    line.wait_for_readings(6)
    line.lift(9.3)
    line.wait_for_readings(10)
    line.lift(25.0)
    line.board.line(20.0)
    line.voltage.event(OnHook(time.monotonic()))  # the pin moved: that is a person's doing
    line.board.line(15.0)
    line.wait_for_readings(10)
    assert line.events == []


def test_no_gauge_leaves_everything_as_it_was(tmp_path: Path) -> None:
    line = Line(tmp_path / "elsewhere", 48.0)

    def none() -> LineGauge:
        return LineGauge(tmp_path / "nothing")

    alone = LineVoltage(none, line.outlets(), time.monotonic)
    alone.start()
    time.sleep(0.1)
    assert not alone.here
    assert (line.alarms, line.events, alone.known) == ([], [], Volts())
    alone.stop()


def test_a_gauge_that_fails_is_an_alarm_until_it_answers_again(made: Callable[..., Line]) -> None:
    line = made(48.0)
    until(lambda: line.kept)
    channel = line.board.adc / "in_voltage0_raw"
    channel.unlink()
    until(lambda: line.alarms)
    assert "cannot be read" in line.alarms[-1]
    assert "calls are still noticed" in line.alarms[-1]
    line.board.line(48.0)
    until(lambda: line.alarms[-1] == "")


def test_a_dac_that_does_not_follow_is_an_alarm(
    made: Callable[..., Line], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Converters, "settle", lambda _self: None)

    def failing(_self: LineGauge, volts: float) -> float:
        return volts + 9.0

    monkeypatch.setattr(LineGauge, "set_threshold", failing)
    line = made(48.0)
    until(lambda: line.alarms)
    assert "may not be noticed" in line.alarms[0]


def test_the_owners_word_teaches_a_low_line_at_once(made: Callable[..., Line]) -> None:
    line = made(24.0)
    line.wait_for_readings(8)
    assert line.voltage.known.idle is None
    line.state = "incall"  # so it looks, until it is learned
    line.voltage.learn_afresh()
    until(lambda: line.kept)
    assert line.board.threshold() == pytest.approx(13.2, abs=0.3)


def test_a_dac_that_may_not_be_written_says_what_that_means(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = Converters(tmp_path)

    def refused(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "write_text", refused)
    with pytest.raises(GaugeError, match="noticed by the threshold that was set last"):
        LineGauge(board.adc.parent).set_threshold(13.0)
