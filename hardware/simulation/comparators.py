"""The four comparators, outside SPICE: levels from the resistors round them, then hysteresis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hardware.circuit.model import Circuit
from hardware.simulation.spice import Draw

Wave = NDArray[np.float64]
LOW_V = 0.2  # of an open-drain output
PULL_UP_OHM = 10e3


def solve(circuit: Circuit, draw: Draw, known: Mapping[str, float], wanted: str) -> float:
    """The voltage of net `wanted`, joined by single resistors to nets whose voltages are known."""
    current = conductance = 0.0
    for part in circuit:
        nets = list(part.nets.values())
        if part.kind.name != "R" or wanted not in nets:
            continue
        other = nets[1 - nets.index(wanted)]
        current += known[other] / draw.value(part)
        conductance += 1 / draw.value(part)
    return current / conductance


@dataclass(frozen=True, slots=True)
class Levels:
    """Where each comparator's input turns it, in volts above VREF: (rising wave, falling wave)."""

    offhook: tuple[float, float]
    line_ok: tuple[float, float]
    ring_n: tuple[float, float]
    polarity: tuple[float, float]


def levels(circuit: Circuit, draw: Draw, vref: float, ok_ref: float, dac: float) -> Levels:
    """The turning levels of this board; `dac` is the DAC's output in volts."""
    top = draw.supply

    def off(unit: str) -> float:
        return draw.offset.get(f"U3{unit}", 0.0) - vref

    def high(feedback: str, far: float) -> float:
        """An open output behind its pull-up, as its feedback resistor loads it."""
        ohm = draw.value(circuit[feedback])
        return top - (top - far) * PULL_UP_OHM / (PULL_UP_OHM + ohm)

    known = {"DAC_OUT": dac, "3V3A": top, "VREF": vref}

    def at(net: str, feedback: str, out: float) -> float:
        return solve(circuit, draw, known | {feedback: out}, net)

    r25, r26 = draw.value(circuit["R25"]), draw.value(circuit["R26"])
    return Levels(
        offhook=(at("TH", "OFFHOOK", top) + off("A"), at("TH", "OFFHOOK", LOW_V) + off("A")),
        line_ok=(ok_ref + off("B"), ok_ref + off("B")),
        ring_n=(
            at("RING_TH", "RING_N", high("R24", vref + 0.4)) + off("C"),
            at("RING_TH", "RING_N", LOW_V) + off("C"),
        ),
        polarity=(
            vref + (vref - LOW_V) * r25 / r26 + off("D"),
            vref + (vref - high("R26", vref)) * r25 / r26 + off("D"),
        ),
    )


@dataclass(frozen=True, slots=True)
class Logic:
    """A pin over time: its first level, and the times at which it changed."""

    first: bool
    edges: tuple[float, ...] = ()

    def at(self, time: float) -> bool:
        """The level at a time."""
        return self.first ^ (sum(edge <= time for edge in self.edges) % 2 == 1)

    def inverted(self) -> Logic:
        """The opposite level throughout."""
        return Logic(not self.first, self.edges)


def longest_high(pin: Logic, start: float, end: float) -> float:
    """The longest time without a break that the pin is high between two times, in seconds."""
    marks = [start, *(edge for edge in pin.edges if start < edge < end), end]
    spans = zip(marks, marks[1:], strict=False)
    return max((b - a for a, b in spans if pin.at((a + b) / 2)), default=0.0)


def both(one: Logic, two: Logic) -> Logic:
    """High while both are."""
    edges: list[float] = []
    state = one.first and two.first
    first = state
    for time in sorted({*one.edges, *two.edges}):
        now = one.at(time) and two.at(time)
        if now != state:
            edges.append(time)
            state = now
    return Logic(first, tuple(edges))


def above(time: Wave, wave: Wave, rising: float, falling: float) -> Logic:
    """High while `wave` is above: `rising` turns it high, `falling` low; edges interpolated."""
    state = first = bool(wave[0] > rising)
    edges: list[float] = []
    place = 0
    while True:
        turned = wave[place:] < falling if state else wave[place:] > rising
        step = int(np.argmax(turned))
        if not turned[step]:
            return Logic(first, tuple(edges))
        place += step
        level = falling if state else rising
        before, after = wave[max(place - 1, 0)], wave[place]
        share = (level - before) / (after - before) if after != before else 1.0
        share = min(max(float(share), 0.0), 1.0)
        last = max(place - 1, 0)
        edges.append(float(time[last] + share * (time[place] - time[last])))
        state = not state


@dataclass(frozen=True, slots=True)
class Outputs:
    """The four pins as the Pi sees them, high or low."""

    offhook: Logic
    line_ok: Logic
    ring_n: Logic
    polarity: Logic


def outputs(found: Levels, time: Wave, hookf: Wave, sense: Wave, ring_ac: Wave) -> Outputs:
    """The pins for waves in volts above VREF. D3 holds OFFHOOK low while LINE_OK is low."""
    line_ok = above(time, hookf, *found.line_ok)
    return Outputs(
        offhook=both(above(time, hookf, *found.offhook).inverted(), line_ok),
        line_ok=line_ok,
        ring_n=above(time, ring_ac, *found.ring_n).inverted(),
        polarity=above(time, sense, *found.polarity),
    )
