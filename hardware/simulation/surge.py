"""Surges: the highest voltage on every part against its rating.

Generators: 1.5 kV 10/700 us behind 40 ohm (the form of ITU-T K.44; its levels could not be read)
and 1.5 kV of the combination wave, 1.2/50 us open and 8/20 us short, behind 2 + 40 ohm (the
coupling of IEC 61000-4-5 for unshielded lines; not read either). The thyristor is modelled as if it
never folded back: it holds its highest breakover voltage, the worst case for what is behind it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hardware.circuit.line_side import LINE_NETS
from hardware.circuit.model import Circuit, Part
from hardware.simulation.spice import Draw, SpiceError, board, node, run

TIP, RING = node("TIP"), node("RING")
# name -> (source, series ohm, seconds to look at)
WAVES = {
    "10/700 us": ("EXP(0 {v} 1u 2.9u 3u 970u)", 40.0, 1.5e-3),
    "8/20 us": ("EXP(0 {v} 1u 0.4u 1.05u 68u)", 42.0, 200e-6),
}
# The pulse is EXP rising then falling; its peak is a little below {v}, so {v} is a little above.
OVER = 1.06


@dataclass(frozen=True, slots=True)
class Stress:
    """The highest figure on one part in one surge, and its rating."""

    part: str
    surge: str
    worst: float
    rating: float
    unit: str = "V"

    @property
    def used(self) -> float:
        """Share of the rating."""
        return self.worst / self.rating


def stresses(circuit: Circuit, draw: Draw, volts: float = 1500.0) -> list[Stress]:
    """Every rated part in every surge: both waves, between the wires and on both against the Pi."""
    found = []
    for name, (wave, ohm, seconds) in WAVES.items():
        for both in (False, True):
            for sign in (1, -1):
                for inject in (False, True):
                    label = f"{name} {'both wires to Pi' if both else 'between wires'}"
                    label += ", injecting" if inject else ""
                    found += _one(
                        circuit,
                        draw,
                        label,
                        wave.format(v=sign * volts * OVER),
                        ohm,
                        seconds,
                        both,
                        inject,
                    )
    return found


def _one(
    circuit: Circuit,
    draw: Draw,
    label: str,
    wave: str,
    ohm: float,
    seconds: float,
    both: bool,
    inject: bool,
) -> list[Stress]:
    rated = [part for part in circuit if _pairs(part)]
    pairs = [(part, a, b) for part in rated for a, b in _pairs(part)]
    deck = board(circuit, draw, inject=inject)
    deck += [f"Vsurge gen 0 {wave}", f"Rs gen {TIP} {ohm}"]
    deck += [f"Rs2 gen {RING} {ohm}"] if both else [f"Rs2 {RING} 0 0.01"]
    bo = circuit["D1"].ratings["volts_breakover"]
    tip, ring = node("TIP_P"), node("RING_P")
    across = f"V({tip},{ring})"
    over = f"({across}>{bo}?({across}-{bo})*4:0)+({across}<-{bo}?({across}+{bo})*4:0)"
    deck.append(f"Bd1 {tip} {ring} I={over}")
    shown = [
        f"v({node(a)})-v({node(b)})"
        if "GND" not in (a, b)
        else f"v({node(a if b == 'GND' else b)})"
        for _, a, b in pairs
    ]
    (data,) = run(
        deck,
        [
            "option method=gear reltol=5e-3 abstol=1e-8 vntol=1e-4 itl4=80",
            f"tran {seconds / 600:g} {seconds:g} 0 {seconds / 300:g} ",
            f"wrdata OUT {' '.join(shown)} v({tip},{ring}) v({node('INJ_T')},{node('TAP_T')})",
        ],
        len(pairs) + 3,
        seconds=60,
    )
    if data[-1, 0] < seconds * 0.999:
        raise SpiceError(f"{label}: ngspice stopped at {data[-1, 0]} s")
    peak = np.max(np.abs(data), axis=0)
    found = []
    for place, (part, _, _) in enumerate(pairs, 1):
        found.append(Stress(f"{part.ref} {part.value}", label, float(peak[place]), _rating(part)))
    clamp, r7 = float(peak[-2]), draw.value(circuit["R7"])
    found.append(Stress("D1 clamp", label, clamp, 400.0))
    found.append(Stress("U1 switch", label, float(peak[-1]) / r7, 0.3, "A"))
    # What R3, the last resistor before the amplifier, lets into its protection; the TLV9004 bears
    # 10 mA there (from memory of its data sheet).
    drop = next(stress.worst for stress in found if stress.part.startswith("R3 "))
    found.append(Stress("U2 input", label, drop / draw.value(circuit["R3"]), 0.010, "A"))
    surge_a = max(0.0, (1500.0 - clamp) / (ohm + 2 * draw.thermistor_ohm))
    if not both:
        key = "amps_10_700" if "700" in label else "amps_8_20"
        found.append(Stress("D1 current", label, surge_a, circuit["D1"].ratings[key], "A"))
    return found


def _pairs(part: Part) -> list[tuple[str, str]]:
    """The pairs of nets between which the part's rating holds."""
    name = part.kind.name
    if part.sheet not in ("line",) and part.ref not in ("D4", "D2"):
        return []
    if name in ("R", "C"):
        return [(part.nets["1"], part.nets["2"])]
    if name == "PHOTOMOS2":
        return [(part.nets["7"], part.nets["8"]), (part.nets["5"], part.nets["6"])]
    if name == "XFMR":
        return [(net, "GND") for net in sorted(set(part.nets.values()) & set(LINE_NETS))]
    if name == "DIODES_SER":
        return [(part.nets["3"], "GND")]
    if name == "DIODES_CK":
        return [(part.nets["1"], part.nets["3"])]
    return []


def _rating(part: Part) -> float:
    if part.kind.name == "XFMR":
        return part.ratings["isolation_rms"] * 2**0.5
    if part.kind.name == "R" and part.footprint.endswith("1206_3216Metric"):
        return 2 * part.ratings["volts"]  # short-time overload of a 1206 chip: twice its voltage
    return part.ratings["volts"]
