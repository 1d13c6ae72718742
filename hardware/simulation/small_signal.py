"""Small signals and direct current: what the board does to the line, and hears of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hardware.circuit.model import Circuit
from hardware.simulation.spice import Draw, board, node, run

TIP, RING = node("TIP"), node("RING")
SWEEP = "ac lin 39 200 4000"  # every 100 Hz
DBM_600 = 0.7746  # volts of 0 dBm in 600 ohm


@dataclass(frozen=True, slots=True)
class SmallSignal:
    """Figures of one board.

    `insertion_db`: the most that 200-4000 Hz loses in a 600 ohm line. `flat_db`: the largest
    deviation from 1 kHz at the codec's input, 200-3600 Hz. `audio_cmrr_db` and `sense_cmrr_db`: at
    50 Hz. `ring_ohm`: the least impedance between the wires, 16-68 Hz, `ring_ohm_max` the
    greatest. `lead_ohm`: from a wire to the Pi at 50 Hz. `dc_ohm`: the least of tip-ring, tip-Pi
    and ring-Pi up to 100 V; `dc_ohm_200`: up to 200 V. `inject_dbm`: from a codec output that
    swings from rail to rail as a square wave, into 600 ohm; `echo_v`: what the codec's own
    input gets of it, rms; `leak_dbm`: with the switch open.
    """

    insertion_db: float
    flat_db: float
    tap_db: float
    audio_cmrr_db: float
    sense_cmrr_db: float
    ring_ohm: float
    ring_ohm_max: float
    lead_ohm: float
    dc_ohm: float
    dc_ohm_200: float
    inject_dbm: float
    echo_v: float
    leak_dbm: float


def _db(ratio: float) -> float:
    return float(20 * np.log10(max(ratio, 1e-12)))


def measure(circuit: Circuit, draw: Draw) -> SmallSignal:
    """All figures of one board."""
    speech = _speech(circuit, draw)
    low = _low(circuit, draw)
    common = _common(circuit, draw)
    steady = [_steady(circuit, draw, volts) for volts in (100.0, 200.0)]
    injected, echo = _injected(circuit, draw, True)
    frequency, line, audio = speech[:, 0], speech[:, 1], speech[:, 2]
    band = frequency <= 3600
    at_1k = float(audio[np.argmin(np.abs(frequency - 1000))])
    impedance = low[:, 1] / np.maximum(low[:, 4], 1e-15)
    rings = (low[:, 0] >= 16) & (low[:, 0] <= 68)
    fifty = int(np.argmin(np.abs(low[:, 0] - 50)))
    slow = 0
    return SmallSignal(
        insertion_db=-_db(float(line.min()) / 0.5),
        flat_db=float(np.max(np.abs(20 * np.log10(audio[band] / at_1k)))),
        tap_db=_db(at_1k / 0.5),
        audio_cmrr_db=_db(float(low[fifty, 2]) / float(common[0, 1])),
        sense_cmrr_db=_db(float(low[slow, 3]) / float(common[0, 2])),
        ring_ohm=float(impedance[rings].min()),
        ring_ohm_max=float(impedance[rings].max()),
        lead_ohm=2 / max(float(common[0, 3]), 1e-15),
        dc_ohm=steady[0],
        dc_ohm_200=steady[1],
        inject_dbm=injected,
        echo_v=echo,
        leak_dbm=_injected(circuit, draw, False)[0],
    )


def _speech(circuit: Circuit, draw: Draw) -> NDArray[np.float64]:
    deck = board(circuit, draw) + [
        "Vs src 0 AC 1",
        f"Rs src {TIP} 600",
        f"Rl {TIP} {RING} 600",
        f"Vg {RING} 0 0",
    ]
    (data,) = run(deck, [SWEEP, f"wrdata OUT vm({TIP},{RING}) vm({node('LINE_IN')})"], 3)
    return data


def _low(circuit: Circuit, draw: Draw) -> NDArray[np.float64]:
    """Columns: frequency, volts, audio out, HOOKF, amperes. The first row is as good as steady."""
    deck = board(circuit, draw) + [
        f"Vs {TIP} cold DC 48 AC 1",
        f"Vg {RING} cold 0",
        "Rc cold 0 1e6",
    ]
    shown = f"vm({TIP},{RING}) vm({node('PRE_OUT')}) vm({node('HOOKF')}) mag(vs#branch)"
    wanted = (0.02, 16, 17, 20, 25, 30, 40, 50, 60, 68)
    control = []
    for frequency in wanted:
        control += [f"ac lin 1 {frequency} {frequency}", f"wrdata OUT {shown}"]
    return np.vstack(run(deck, control, 5))


def _common(circuit: Circuit, draw: Draw) -> NDArray[np.float64]:
    """Columns: frequency, audio out, HOOKF, amperes; 50 Hz on both wires through equal 300 ohm."""
    deck = board(circuit, draw) + [
        "Vs earth 0 AC 1",
        f"Ra earth {TIP} 300",
        "Vb earth cold 48",
        f"Rb cold {RING} 300",
    ]
    shown = f"vm({node('PRE_OUT')}) vm({node('HOOKF')}) mag(vs#branch)"
    (data,) = run(deck, ["ac lin 1 50 50", f"wrdata OUT {shown}"], 4)
    return data


def _steady(circuit: Circuit, draw: Draw, most: float) -> float:
    """The least resistance up to `most` volts: tip-ring, tip-Pi, ring-Pi; ohms."""
    least = float("inf")
    # Without capacitors: with them ngspice's search may stop while they still charge.
    resistive = [line for line in board(circuit, draw) if not line.startswith("C")]
    for drive in (
        [f"Vs {TIP} cold 0", f"Vg {RING} cold 0", "Rc cold 0 1e9"],
        [f"Vs {TIP} 0 0", f"Rg {RING} {TIP} 1e12"],
        [f"Vs {RING} 0 0", f"Rg {TIP} {RING} 1e12"],
    ):
        step = most / 10
        sweeps = []
        for end, by in ((most, step), (-most, -step)):
            sweeps += [f"dc Vs 0 {end} {by}", "wrdata OUT vs#branch"]
        for data in run(resistive + drive, sweeps, 2):
            volts, amps = data.T[0], data.T[1]
            # Less what flows at 0 V: that is the amplifier's reference, not the line.
            drawn = np.abs(amps[1:] - amps[0])
            least = min(least, float(np.min(np.abs(volts[1:]) / drawn)))
    return least


def _injected(circuit: Circuit, draw: Draw, on: bool) -> tuple[float, float]:
    """dBm in 600 ohm and volts at the codec's own input, of a square wave from rail to rail."""
    deck = board(circuit, draw, inject=on, codec_ac=draw.supply / 2) + [
        f"Rl {TIP} {RING} 600",
        f"Vg {RING} 0 0",
    ]
    (data,) = run(deck, [SWEEP, f"wrdata OUT vm({TIP},{RING}) vm({node('LINE_IN')})"], 3)
    return _db(float(data[:, 1].max()) / DBM_600), float(data[:, 2].max())
