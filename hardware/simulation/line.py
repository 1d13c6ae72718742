"""The line as the board may meet it: exchange, cable, telephones, mains hum, polarity.

Cable: 0.4 mm copper, 280 ohm per km of loop, 45 nF per km (usual figures of that gauge).
Telephone on-hook: one ringer load, 7 kohm and 1 uF. Off-hook: an electronic set holds 3 to 6 V and
50 to 250 ohm, an old one is 150 to 300 ohm; both end the line in about 600 ohm for speech.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from hardware.simulation.spice import node

OHM_PER_KM, FARAD_PER_KM = 280.0, 45e-9
SECTIONS = 3
MIN_A, MAX_A = 0.018, 0.060


@dataclass(frozen=True, slots=True)
class Telephone:
    """`volts` + current x `ohm` when lifted."""

    volts: float
    ohm: float


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `ring_v`: at the telephones, rms. `hum_v`: 50 Hz on both wires, rms.

    `lost`: when the cable is cut at the exchange's end, as (from, to) in seconds.
    """

    feed_v: float = 48.0
    feed_ohm: float = 400.0
    km: float = 2.0
    ring_v: float = 75.0
    ring_hz: float = 25.0
    ring_ohm: float = 500.0
    hum_v: float = 0.0
    reversed: bool = False
    telephones: tuple[Telephone, ...] = (Telephone(4.0, 150.0),)
    lifted: int = 1
    speech_v: float = 0.3
    lost: tuple[tuple[float, float], ...] = ()

    def loop_a(self) -> float:
        """The direct current with the telephones lifted, in amperes."""
        sets = self.telephones[: self.lifted]
        conductance = sum(1 / phone.ohm for phone in sets)
        source = sum(phone.volts / phone.ohm for phone in sets) / conductance
        loop = self.feed_ohm + self.km * OHM_PER_KM + 1 / conductance
        return (self.feed_v - source) / loop

    def set_v(self) -> float:
        """The voltage at the lifted telephones, about where the board is."""
        sets = self.telephones[: self.lifted]
        conductance = sum(1 / phone.ohm for phone in sets)
        source = sum(phone.volts / phone.ohm for phone in sets) / conductance
        return source + self.loop_a() / conductance

    def source_ring_v(self) -> float:
        """The exchange's ringing voltage for which `ring_v` is left at the telephones."""
        w = 2j * np.pi * self.ring_hz
        sets = len(self.telephones) / (7000 + 1 / (w * 1e-6)) + w * self.km * FARAD_PER_KM
        series = self.feed_ohm + self.km * OHM_PER_KM + self.ring_ohm / 4
        return float(self.ring_v * abs(1 + series * sets))


def draw_line(rng: np.random.Generator) -> Line:
    """A line somewhere in the ranges of the specification, with 18 to 60 mA when lifted."""
    count = int(rng.integers(1, 4))
    if rng.random() < 0.2:  # an old telephone, alone
        sets: tuple[Telephone, ...] = (Telephone(0.0, float(rng.uniform(150, 300))),)
        sets += tuple(Telephone(4.0, 150.0) for _ in range(count - 1))
        lifted = 1
    else:
        sets = tuple(
            Telephone(float(rng.uniform(3, 6)), float(rng.uniform(50, 250))) for _ in range(count)
        )
        lifted = int(rng.integers(1, count + 1))
    line = Line(
        feed_v=float(rng.uniform(24, 60)),
        feed_ohm=float(rng.uniform(400, 800)),
        km=float(rng.uniform(0, 8)),
        ring_v=float(rng.uniform(35, 90)),
        ring_hz=float(rng.uniform(16, 68)),
        ring_ohm=float(rng.uniform(100, 800)),
        hum_v=float(rng.uniform(0, 25)),
        reversed=bool(rng.random() < 0.5),
        telephones=sets,
        lifted=lifted,
        speech_v=float(rng.uniform(0.05, 0.6)),
    )
    return within_current(line)


def within_current(line: Line) -> Line:
    """Less cable where too little current flows; a current limit (more ohms) where too much."""
    while line.loop_a() < MIN_A and line.km > 0:
        line = replace(line, km=max(0.0, line.km - 0.1))
    while line.loop_a() < MIN_A and line.feed_ohm > 300:
        line = replace(line, feed_ohm=line.feed_ohm - 10)
    while line.loop_a() > MAX_A:
        line = replace(line, feed_ohm=line.feed_ohm + 10)
    return line


def gate(spans: tuple[tuple[float, float], ...], rise: float = 0.002) -> str:
    """A source of 0 to 1 that is 1 in the spans."""
    points = ["0 0"]
    for start, end in spans:
        points += [f"{start} 0", f"{start + rise} 1", f"{end} 1", f"{end + rise} 0"]
    return f"PWL({' '.join(points)})" if spans else "0"


def elements(line: Line, ring: str, hook: str, speech: str) -> list[str]:
    """The deck's lines. `ring`: a gate of 0 to 1; `hook`: 1 when lifted; sources, PWL(...).

    `speech`: volts as an expression of `time`.
    """
    a, b = ("TIP", "RING") if not line.reversed else ("RING", "TIP")
    found = [
        f"Vhum earth 0 SIN(0 {line.hum_v * 2**0.5:.4g} 50)",
        f"Vgate gate 0 {ring}",
        f"Vhook hook 0 {hook}",
        f"Bspk speech 0 V={speech}",
        f"Vlost lost 0 {gate(line.lost)}",
        f"Bfa earth l0a I=V(earth,l0a)*max(1e-9,1-V(lost))/{line.feed_ohm / 2}",
        f"Bfb feedb l0b I=V(feedb,l0b)*max(1e-9,1-V(lost))/{line.feed_ohm / 2}",
        # Battery, ringing (with the ringing source's own resistance while it rings), in one leg.
        f"Bfeed earth fx V={line.feed_v}+V(gate)*{line.source_ring_v() * 2**0.5:.5g}"
        f"*sin(6.283185*{line.ring_hz:.5g}*time)",
        f"Rring fx feedb {line.ring_ohm / 4:.4g}",
    ]
    step = max(line.km, 0.01) / SECTIONS
    for place in range(SECTIONS):
        one, two = f"l{place}", f"l{place + 1}"
        end_a = node(a) if place == SECTIONS - 1 else f"{two}a"
        end_b = node(b) if place == SECTIONS - 1 else f"{two}b"
        found += [
            f"Rca{place} {one}a {end_a} {step * OHM_PER_KM / 2:.5g}",
            f"Rcb{place} {one}b {end_b} {step * OHM_PER_KM / 2:.5g}",
            f"Ckm{place} {end_a} {end_b} {step * FARAD_PER_KM:.5g}",
        ]
    for place, phone in enumerate(line.telephones):
        found += [
            f"Rp{place} {node(a)} p{place}c 7000",
            f"Cp{place} p{place}c {node(b)} 1u",
        ]
        if place < line.lifted:
            # A resistor that closes within 2 ms; the set's voltage and speech behind it.
            found += [
                f"Bs{place} {node(a)} q{place} I=V({node(a)},q{place})*max(1e-9,V(hook))"
                f"/{max(phone.ohm, 1):.5g}",
                f"Bv{place} q{place} {node(b)} V={phone.volts:.5g}+V(speech)",
            ]
    found += [f"Rbleed {node(a)} 0 1e9", "Rbleed2 earth 0 1e9"]
    return found
