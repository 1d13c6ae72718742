"""One call in volts: what the board makes of a telephone's life on a given line."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from firmware.line.idle_voltage import THRESHOLD
from hardware.circuit.model import Circuit
from hardware.simulation.comparators import Levels, Outputs, levels, outputs
from hardware.simulation.line import Line, elements, gate
from hardware.simulation.spice import Draw, SpiceError, board, node, run

STEP_S = 0.0005
DRIVE = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Script:
    """What happens on the line: ringing and hook as (start, end) in seconds, speech in between."""

    seconds: float
    rings: DRIVE = ()
    lifts: DRIVE = ()
    speech: str = "0"


@dataclass(frozen=True, slots=True)
class Waves:
    """Waves in volts at `time`, all `(n,)`. `line` is tip to ring; the others are above VREF."""

    time: NDArray[np.float64]
    line: NDArray[np.float64]
    sense: NDArray[np.float64]
    hookf: NDArray[np.float64]
    ring_ac: NDArray[np.float64]
    tap: NDArray[np.float64]
    pins: Outputs
    levels: Levels
    vref: float
    ok_ref: float

    def between(self, start: float, end: float) -> slice:
        """The samples from `start` to `end` seconds."""
        return slice(*np.searchsorted(self.time, (start, end)))

    def at(self, circuit: Circuit, draw: Draw, dac: float) -> Waves:
        """The same call with the DAC at `dac` volts, as the firmware has set it."""
        found = levels(circuit, draw, self.vref, self.ok_ref, dac)
        pins = outputs(found, self.time, self.hookf, self.sense, self.ring_ac)
        return replace(self, pins=pins, levels=found)


def dac_for(circuit: Circuit, draw: Draw, vref: float, idle: float) -> float:
    """The DAC output that puts TH at THRESHOLD of the idle voltage, as the firmware trims it.

    `idle`: HOOKF above VREF on an idle line, in volts. The firmware reads TH back (AIN2), so the
    resistors' tolerances fall out; OFFHOOK is low while it does.
    """
    target = vref + THRESHOLD * idle
    r18, r19, r20 = (draw.value(circuit[ref]) for ref in ("R18", "R19", "R20"))
    out = target * (1 / r18 + 1 / r19 + 1 / r20) - draw.supply / r19 - 0.2 / r20
    return min(max(out * r18, 0.0), draw.supply)


def play(circuit: Circuit, draw: Draw, line: Line, script: Script) -> Waves:
    """Run one script. The first 0.3 s must be an idle line: the threshold is learned there."""
    deck = board(circuit, draw) + elements(
        line, gate(script.rings), gate(script.lifts), script.speech
    )
    nets = ("SENSE", "HOOKF", "RING_AC", "VREF", "OK_REF", "TX")
    shown = " ".join(f"v({node(net)})" for net in nets)
    tip, ring = node("TIP"), node("RING")
    (data,) = run(
        deck,
        [
            "option method=gear reltol=2e-3 abstol=1e-9 vntol=1e-5 itl4=60",
            f"tran {STEP_S} {script.seconds} 0 {STEP_S}",
            "linearize",
            f"wrdata OUT v({tip},{ring}) {shown}",
        ],
        7,
    )
    if abs(data[-1, 0] - script.seconds) > 2 * STEP_S:
        raise SpiceError(f"ngspice stopped at {data[-1, 0]} s of {script.seconds} s")
    time, volts, sense, hookf, ring_ac, vref, ok_ref, tap = data.T
    quiet = slice(*np.searchsorted(time, (0.2, 0.3)))
    reference = float(np.mean(vref[quiet]))
    idle = float(np.median(hookf[quiet])) - reference
    fixed = float(np.mean(ok_ref[quiet]))
    found = levels(circuit, draw, reference, fixed, dac_for(circuit, draw, reference, idle))
    sense, hookf, ring_ac = sense - vref, hookf - vref, ring_ac - vref
    pins = outputs(found, time, hookf, sense, ring_ac)
    return Waves(time, volts, sense, hookf, ring_ac, tap, pins, found, reference, fixed)
