"""Simulated line voltage through the board's comparators into the real line monitor.

The threshold is the firmware's (`idle_voltage.THRESHOLD` of the idle voltage), the pins are the
profile's, the volts are ngspice's: hardware and firmware agree here or nowhere.
"""

import time as clock
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from firmware.events import (
    HookFlash,
    LineCut,
    LineEvent,
    LineRestored,
    LineReversal,
    OffHook,
    OnHook,
    PulseDigit,
    RingBurst,
    RingStarted,
)
from firmware.line.gauge import VOLTS_PER_VOLT
from firmware.line.idle_voltage import IdleVoltage, runs_off
from firmware.line.voltage import LineVoltage, Outlets
from hardware.circuit.hat import hat
from hardware.circuit.model import Circuit
from hardware.simulation.bridge import events
from hardware.simulation.call import Script, Waves, play
from hardware.simulation.comparators import LOW_V, solve
from hardware.simulation.line import Line, Telephone
from hardware.simulation.spice import Draw
from tests.support.iio import Converters

USUAL = Line()
# A router's telephone port: short, 24 V, and a telephone that leaves half of it.
LOW = Line(24.0, 600.0, 0.2, 45.0, 20.0, telephones=(Telephone(6.0, 250.0),))
LONG = Line(60.0, 400.0, 8.0, 40.0, 25.0, hum_v=20.0, reversed=True)
LINES = pytest.mark.parametrize("line", [USUAL, LOW, LONG], ids=["usual", "low", "long"])


def run(line: Line, script: Script) -> Waves:
    return play(hat(), Draw(), line, script)


def kinds(found: list[LineEvent]) -> list[type]:
    return [type(event) for event in found]


@LINES
def test_a_call_rings_is_answered_and_hung_up(line: Line) -> None:
    speech = "0.3*(sin(6.2832*941*time)+sin(6.2832*140*time))"
    found = events(run(line, Script(3.0, ((0.4, 1.1),), ((1.5, 2.3),), speech)))
    assert kinds(found) == [RingStarted, RingBurst, OffHook, OnHook]
    burst = found[1]
    assert isinstance(burst, RingBurst)
    assert burst.frequency == pytest.approx(line.ring_hz, abs=1.5)
    assert found[2].time == pytest.approx(1.5, abs=0.02)
    assert found[3].time == pytest.approx(2.3, abs=0.02)


@LINES
def test_ringing_alone_is_never_off_hook(line: Line) -> None:
    for hertz in (16.0, 68.0):
        slow = replace(line, ring_hz=hertz)
        found = events(run(slow, Script(1.6, ((0.4, 1.2),))))
        assert kinds(found) == [RingStarted, RingBurst], hertz


def test_the_deepest_swing_of_slow_ringing_is_shorter_than_the_firmware_waits() -> None:
    """35 V at 16 Hz on 45 V: the trough is below the threshold, and no off-hook."""
    line = Line(45.0, 400.0, 1.0, 35.0, 16.0)
    waves = run(line, Script(1.6, ((0.4, 1.2),)))
    assert waves.pins.offhook.edges, "the pin does move: the firmware must wait"
    assert kinds(events(waves)) == [RingStarted, RingBurst]


def test_an_answer_in_the_middle_of_a_ring_is_seen_when_the_exchange_trips_it() -> None:
    found = events(run(USUAL, Script(3.0, ((0.4, 1.15),), ((1.1, 2.4),))))
    assert [kind for kind in kinds(found) if kind is not LineReversal] == [
        RingStarted, RingBurst, OffHook, OnHook,
    ]  # fmt: skip


def dial(
    start: float, digits: str, rate: float, share: float
) -> tuple[list[tuple[float, float]], float]:
    """Loop closed as (from, to): lifted 0.5 s before `start`, then the breaks of each digit."""
    marks = [start - 0.5]
    time = start
    for digit in digits:
        for _ in range(int(digit)):
            marks += [time, time + share / rate]
            time += 1 / rate
        time += 0.6
    marks.append(time)
    return [(a, b) for a, b in list(pairwise(marks))[::2]], time


@LINES
@pytest.mark.parametrize(("rate", "share"), [(10.0, 0.62), (10.0, 0.5), (8.0, 0.6), (12.0, 0.66)])
def test_a_rotary_dial_is_read(line: Line, rate: float, share: float) -> None:
    spans, end = dial(1.0, "314", rate, share)
    found = events(run(line, Script(end + 0.6, (), tuple(spans))))
    assert [event.digit for event in found if isinstance(event, PulseDigit)] == ["3", "1", "4"]
    assert kinds(found) == [OffHook, PulseDigit, PulseDigit, PulseDigit, OnHook]


@LINES
@pytest.mark.parametrize(("flash", "length"), [("etsi", 0.1), ("us", 0.6)])
def test_a_hook_flash_is_a_flash(line: Line, flash: str, length: float) -> None:
    found = events(run(line, Script(3.8, (), ((0.5, 1.2), (1.2 + length, 2.4)))), flash)
    assert kinds(found) == [OffHook, HookFlash, OnHook]
    made = found[1]
    assert isinstance(made, HookFlash)
    assert made.duration == pytest.approx(length, abs=0.02)


def test_the_learned_threshold_tells_a_short_line_that_a_fixed_one_does_not() -> None:
    """48 V, short, a telephone that leaves 21 V: above a fixed 19 V, below 0.55 of the idle."""
    line = Line(48.0, 400.0, 0.0, telephones=(Telephone(6.0, 250.0),))
    waves = run(line, Script(1.6, (), ((0.5, 1.1),)))
    lifted = waves.between(0.8, 1.1)
    volts = abs(float(waves.line[lifted].mean()))
    assert volts > 19.0
    learned = IdleVoltage()
    for time in range(10):
        learned.feed(abs(float(waves.line[waves.between(0.2, 0.4)].mean())), float(time))
    assert learned.off_hook(volts)
    assert kinds(events(waves)) == [OffHook, OnHook]


class Schematic(Converters):
    """The converters on the simulated board: its own resistors, and what the line does to it."""

    def __init__(self, root: Path, waves: Waves, circuit: Circuit, draw: Draw) -> None:
        self.waves, self.circuit, self.draw = waves, circuit, draw
        super().__init__(root)
        self.show(3, waves.vref)
        self.show(0, waves.vref + float(waves.hookf[waves.between(0.2, 0.3)].mean()))

    def settle(self) -> None:
        known = {"DAC_OUT": self.dac_volts(), "3V3A": self.draw.supply, "OFFHOOK": LOW_V}
        self.show(2, solve(self.circuit, self.draw, known, "TH"))


def learned_by_the_recorder(board: Schematic) -> None:
    """The recorder's own thread reads the made-up IIO files, learns and sets the DAC."""
    kept: list[float] = []
    outlets = Outlets(
        state=lambda: "idle",
        followed=lambda: True,
        emit=lambda _event: None,
        tell=lambda why: pytest.fail(why) if why else None,
        keep=lambda idle, _threshold: kept.append(idle),
        changed=lambda _volts: None,
    )
    voltage = LineVoltage(board.gauge, outlets, clock.monotonic)
    voltage.start()
    voltage.learn_afresh()
    for _ in range(500):
        if kept:
            break
        clock.sleep(0.01)
    voltage.stop()
    assert kept


@LINES
def test_the_threshold_that_the_gauge_learned_and_set_tells_the_call(
    line: Line, tmp_path: Path
) -> None:
    """From the simulated volts through ADC, learning and DAC to the comparator, and back."""
    circuit, draw = hat(), Draw()
    waves = play(circuit, draw, line, Script(3.0, ((0.4, 1.1),), ((1.5, 2.3),)))
    board = Schematic(tmp_path, waves, circuit, draw)
    learned_by_the_recorder(board)
    found = events(waves.at(circuit, draw, board.dac_volts()))
    assert kinds(found) == [RingStarted, RingBurst, OffHook, OnHook]
    assert found[2].time == pytest.approx(1.5, abs=0.02)
    assert found[3].time == pytest.approx(2.3, abs=0.02)


def test_a_low_line_looks_lifted_until_it_is_learned(tmp_path: Path) -> None:
    """What the learning is for: to the DAC as it left its factory, 20 V is off-hook."""
    circuit, draw = hat(), Draw()
    low = Line(20.0, 600.0, 0.2, 45.0, 20.0, telephones=(Telephone(6.0, 250.0),))
    waves = play(circuit, draw, low, Script(3.0, ((0.4, 1.1),), ((1.5, 2.3),)))
    board = Schematic(tmp_path, waves, circuit, draw)
    found = events(waves.at(circuit, draw, board.dac_volts()))
    assert isinstance(found[0], OffHook)
    assert found[0].time < 0.1, "long before anybody lifts"
    learned_by_the_recorder(board)
    found = events(waves.at(circuit, draw, board.dac_volts()))
    assert kinds(found) == [RingStarted, RingBurst, OffHook, OnHook]


def test_an_unplugged_line_runs_off_through_the_off_hook_range_and_is_told_by_its_readings() -> (
    None
):
    """A known weakness of any high-impedance monitor, found here: the pin alone is fooled."""
    unplugged = replace(USUAL, telephones=(), lifted=0, lost=((0.6, 15.0),))
    waves = run(unplugged, Script(15.0))
    assert kinds(events(waves))[:1] == [OffHook]

    def reading(time: float) -> float:
        return float(waves.hookf[waves.between(time, time + 0.1)].mean()) * VOLTS_PER_VOLT

    learned = IdleVoltage(48.0)
    seen = [time for time in range(2, 13) if learned.off_hook(reading(float(time)))]
    assert seen, "the readings do pass through the range"
    assert all(runs_off(reading(float(time)), reading(time + 1.0)) for time in seen)


def test_a_lifted_telephone_does_not_run_off() -> None:
    speech = "0.4*(sin(6.2832*941*time)+sin(6.2832*140*time))"
    waves = run(USUAL, Script(3.0, (), ((0.5, 2.9),), speech))
    first, second = (
        float(waves.hookf[waves.between(time, time + 0.1)].mean()) * VOLTS_PER_VOLT
        for time in (1.2, 2.2)
    )
    assert not runs_off(first, second)


def test_a_line_whose_wires_touch_is_a_cut_line_and_comes_back() -> None:
    """No voltage at all: neither off-hook nor idle."""
    shorted = replace(USUAL, telephones=(Telephone(0.0, 1.0),))
    found = events(run(shorted, Script(2.4, (), ((0.6, 1.5),))))
    assert [kind for kind in kinds(found) if kind in (LineCut, LineRestored)] == [
        LineCut, LineRestored,
    ]  # fmt: skip
    assert OffHook not in kinds(found)
