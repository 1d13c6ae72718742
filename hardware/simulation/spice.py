"""ngspice decks made from the netlist, and running them.

Resistors, capacitors and their nets are those of the circuit, part by part. Amplifiers, diodes, the
transformer and the switch are models of ours with the figures of the data sheets named here; the
comparators are not in the deck (ideal hysteresis stops ngspice) but in `comparators`.

Transformer: ETAL P2001 data sheet: 4.5 H at 200 Hz, 118 to 146 ohm both windings together.
The winding-to-winding capacitance is not in the part of the data sheet that could be read: 60 pF
assumed, 20 % uneven.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hardware.circuit.model import Circuit, Part

MODELS = """
* Gain 20000, one pole, slew 2 V/us at 1 MHz; near-ideal diodes hold the pole inside the rails.
.subckt opamp p n o vdd gbw=1e6 vos=0
Bg 0 x I={6.2832e-9*gbw}*0.3*tanh((V(p)-V(n)+{vos})/0.3)
Rx x 0 {20000/(6.2832e-9*gbw)}
Cx x 0 1n
Dh x vdd drail
Dl 0 x drail
Bo i 0 V=V(x)
Ro i o 60
.ends
* Forward drop of some 20 mV.
.model drail D(IS=1e-12 N=0.04)
.model dsig D(IS=2.5n N=1.75 RS=0.6 CJO=1.5p)
.model dclamp D(IS=2.5n N=1.75 RS=0.6 CJO=1.5p)
"""


class SpiceError(Exception):
    """ngspice failed, took too long, or stopped before the last time point."""


@dataclass(frozen=True, slots=True)
class Draw:
    """One board: part -> what its value is multiplied by; offsets in volts; the rest by name."""

    factor: Mapping[str, float] = field(default_factory=dict)
    offset: Mapping[str, float] = field(default_factory=dict)
    supply: float = 3.3
    winding_h: float = 4.5
    winding_ohm: float = 66.0
    winding_f: float = 60e-12
    switch_ohm: float = 25.0
    thermistor_ohm: float = 8.0

    def value(self, part: Part) -> float:
        """The part's value on this board, in ohms or farads."""
        return part.amount * self.factor.get(part.ref, 1.0)


def draw_board(circuit: Circuit, rng: np.random.Generator) -> Draw:
    """A board with every part somewhere in its tolerance (evenly spread, not clustered)."""
    factor = {
        part.ref: 1.0 + part.tolerance * float(rng.uniform(-1, 1))
        for part in circuit
        if part.kind.name in ("R", "C")
    }
    factor["RV1"] = _trimmed(circuit, factor) * (1 + 0.02 * float(rng.uniform(-1, 1)))
    offset = {}
    for part in circuit:
        if "offset" in part.ratings:
            for unit in "ABCD":
                offset[part.ref + unit] = part.ratings["offset"] * float(rng.uniform(-1, 1))
    return Draw(
        factor,
        offset,
        supply=float(rng.uniform(3.3 * 0.95, 3.3 * 1.05)),
        winding_h=float(rng.uniform(2.8, 5.0)),
        winding_ohm=float(rng.uniform(59, 73)),
        winding_f=float(rng.uniform(30e-12, 90e-12)),
        switch_ohm=float(rng.uniform(15, 35)),
        thermistor_ohm=float(rng.uniform(4, 16)),
    )


def _trimmed(circuit: Circuit, factor: Mapping[str, float]) -> float:
    """Where RV1 stands, as a share of its whole, when both legs divide alike."""
    r1, r2, r3, r4, r9, r10 = (
        circuit[ref].amount * factor.get(ref, 1.0) for ref in ("R1", "R2", "R3", "R4", "R9", "R10")
    )
    return (r10 * (r1 + r3) / (r2 + r4) - r9) / circuit["RV1"].amount


def node(net: str) -> str:
    """The node of a net: ground is 0."""
    return "0" if net == "GND" else "n_" + net.lower().replace("+", "p").replace("-", "m")


def board(circuit: Circuit, draw: Draw, inject: bool = False, codec_ac: float = 0.0) -> list[str]:
    """The board's elements. Nodes of the line: `node("TIP")` and `node("RING")`."""
    lines = [
        MODELS,
        f"V3V3A {node('3V3A')} 0 {draw.supply}",
        # The comparators' outputs as they are on an idle line; they only feed back hysteresis.
        f"Voff {node('OFFHOOK')} 0 0.2",
        f"Vok {node('LINE_OK')} 0 {draw.supply}",
        f"Vring {node('RING_N')} 0 {draw.supply}",
        f"Vpol {node('POLARITY')} 0 {draw.supply}",
        f"Vdac {node('DAC_OUT')} 0 {draw.supply / 2}",
        # The codec: its line output (silent unless a run sets it) and its line inputs, both joined.
        f"Vcodec {node('DAC_AUDIO')} 0 DC {draw.supply / 2} AC {codec_ac:g}",
        f"Rcodec {node('LINE_IN')} 0 10k",
    ]
    for part in circuit:
        lines += _element(part, draw, inject)
    # Where the search for the operating point begins.
    half = draw.supply / 2
    for net in _AT_HALF:
        lines.append(f".nodeset v({node(net)})={half:.4g}")
    return lines


_AT_HALF: tuple[str, ...] = (
    "VREF",
    "VREF_A",
    "OK_REF",
    "SENSE",
    "MIRROR",
    "MIRROR_IN",
    "ABS",
    "HOOKF",
    "MEAN",
)
_AT_HALF += ("SENSE_P", "SENSE_N", "TRIM", "RING_AC", "PRE_IN", "PRE_OUT", "PRE_FB", "PRE_G")
_AT_HALF += ("INJ_FB", "INJ_OUT")
_LEFT_OUT = ("LED5V", "LED_K", "XTI", "XTO", "VMID", "INJECT", "WP", "ID_SD", "ID_SC", "FLAG_SW")


def _element(part: Part, draw: Draw, inject: bool) -> list[str]:
    nets = [net for net in part.nets.values() if net != "NC"]
    if part.sheet == "pi" or any(net in _LEFT_OUT for net in nets if part.kind.name in ("R", "C")):
        return []
    name, at = part.kind.name, {pin: node(part.net(pin)) for pin in part.nets}
    if name in ("R", "C"):
        supplies = {"3V3", "3V3A", "GND"}
        if name == "C" and set(nets) <= supplies or part.note == "pull-up":
            return []
        return [f"{name}{part.ref} {at['1']} {at['2']} {draw.value(part):.6g}"]
    if name == "TRIM":
        ohm = draw.value(part) if part.ref in draw.factor else 6000.0
        return [f"R{part.ref} {at['1']} {at['3']} {ohm:.6g}"]
    if name == "NMOS2":  # its second half sets the gain; the first drives U1, which is a resistor
        return [f"R{part.ref} {at['3']} {at['4']} {1e9 if inject else 3.0}"]
    if name == "PTC":
        return [f"R{part.ref} {at['1']} {at['2']} {draw.thermistor_ohm}"]
    if name == "XFMR":
        return _transformer(at, draw)
    if name == "PHOTOMOS2":
        ohm = draw.switch_ohm if inject else 1e9
        return [
            f"R{part.ref}a {at['7']} {at['8']} {ohm}",
            f"R{part.ref}b {at['5']} {at['6']} {ohm}",
        ]
    if name in ("OPAMP4", "OPAMP2"):
        return _amplifiers(part, draw)
    if name == "DIODES_CK":
        return [f"D{part.ref}a {at['1']} {at['3']} dsig", f"D{part.ref}b {at['2']} {at['3']} dsig"]
    if name == "DIODES_SER":
        return [f"D{part.ref}a {at['1']} {at['3']} dsig", f"D{part.ref}b {at['3']} {at['2']} dsig"]
    return []


def _transformer(at: Mapping[str, str], draw: Draw) -> list[str]:
    half = draw.winding_f / 2
    return [
        f"RT1p {at['1']} t1p {draw.winding_ohm}",
        f"RT1s {at['6']} t1s {draw.winding_ohm}",
        f"LT1p t1p {at['3']} {draw.winding_h}",
        f"LT1s t1s {at['4']} {draw.winding_h}",
        "KT1 LT1p LT1s 0.9985",
        f"CT1a {at['1']} {at['6']} {half * 1.2}",
        f"CT1b {at['3']} {at['4']} {half * 0.8}",
    ]


def _amplifiers(part: Part, draw: Draw) -> list[str]:
    gbw = 1e6 if part.value == "TLV9004" else 10e6
    found = []
    for unit in "ABCD" if part.kind.name == "OPAMP4" else "AB":
        plus, minus, out = (
            node(part.net(pin)) for pin in (f"IN{unit}+", f"IN{unit}-", f"OUT{unit}")
        )
        vos = draw.offset.get(part.ref + unit, 0.0)
        found.append(
            f"X{part.ref}{unit} {plus} {minus} {out} {node('3V3A')} opamp gbw={gbw:g} vos={vos:.6g}"
        )
        if unit == "A" and part.ref == "U2":  # the input protection of the amplifier itself
            for name, pin in (("p", plus), ("m", minus)):
                found.append(f"D{part.ref}{name}h {pin} {node('3V3A')} dclamp")
                found.append(f"D{part.ref}{name}l 0 {pin} dclamp")
    return found


def run(
    lines: list[str], control: list[str], columns: int, seconds: float = 120.0
) -> list[NDArray[np.float64]]:
    """Run a deck; each `wrdata OUT<n>` in `control` is read back as an array of its columns."""
    with tempfile.TemporaryDirectory() as folder:
        outs, text = 0, []
        for line in control:
            text.append(line.replace("OUT", f"{folder}/out{outs}"))
            outs += line.count("OUT")
        deck = Path(folder) / "deck.cir"
        deck.write_text(
            "\n".join(
                [
                    "* tipring",
                    *lines,
                    ".control",
                    "optran 1 1 1 1m 1 0",
                    "set wr_singlescale",
                    "set wr_vecnames=0",
                ]
                + [*text, "quit 0", ".endc", ".end", ""]
            )
        )
        try:
            done = subprocess.run(
                ["ngspice", "-b", str(deck)],
                capture_output=True,
                text=True,
                timeout=seconds,
                cwd=folder,
            )
        except subprocess.TimeoutExpired as error:
            raise SpiceError(f"ngspice did not end within {seconds} s") from error
        found = []
        for place in range(outs):
            path = Path(folder) / f"out{place}"
            if not path.exists() and path.with_suffix(".data").exists():
                path = path.with_suffix(".data")
            if not path.exists():
                raise SpiceError(
                    f"ngspice wrote no result:\n{done.stdout[-1500:]}{done.stderr[-1500:]}"
                )
            found.append(np.loadtxt(path, ndmin=2))
        return found
