"""The two tones of a key: how far off they are by their phase, how strong by least squares."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from firmware.signals.dtmf_frames import (
    EDGE,
    FRAME,
    STEP,
    Complexes,
    Doubles,
    Key,
    Pieces,
    trimmed,
)
from firmware.signals.dtmf_judge import RATE

GUARD = 18  # samples left out at each edge, where the high-pass has not settled
TAPS = 47
CUTOFF_HZ = 565.0


@dataclass(frozen=True, eq=False, slots=True)
class Fit:
    """Power of row, of column and of the rest; samples fitted; the rest of each piece."""

    row: float
    column: float
    rest: float
    count: int
    left: list[Doubles]

    @property
    def share(self) -> float:
        both = self.row + self.column
        return both / (both + self.rest + 1e-30)


class ToneFit:
    """`high_pass` takes away what is below the tones; `fit` finds both in what is left."""

    def __init__(self) -> None:
        place = np.arange(TAPS) - TAPS // 2
        low = np.sinc(2 * CUTOFF_HZ / RATE * place) * np.kaiser(TAPS, 3.5)
        self._taps = -low / low.sum()
        self._taps[TAPS // 2] += 1
        hertz = np.arange(2000.0)  # the power gain of the high-pass, by Hz
        self._gains = np.square(np.cos(np.outer(hertz, place) * (2 * math.pi / RATE)) @ self._taps)
        self._ramp = np.arange(8192.0)

    def high_pass(self, stretch: Doubles) -> Doubles:
        """(n,) samples without what is below the tones."""
        return np.convolve(stretch, self._taps, "same")

    def fit(self, clean: Doubles, key: Key, offs: tuple[float, float], pieces: Pieces) -> Fit:
        """Both tones by least squares, with a phase of their own in each piece."""
        true = (key.tones[0] + offs[0], key.tones[1] + offs[1])
        sums, rest, count, left = [0.0, 0.0], 0.0, 0, []
        for one, two in pieces:
            # frame f lies wholly in the tone, so its own samples do
            heard = clean[one * STEP + GUARD : two * STEP + FRAME - GUARD]
            length = len(heard)
            turns = np.array(true)[:, None] * (self._ramp[:length] * (2 * math.pi / RATE))
            basis = np.concatenate((np.cos(turns), np.sin(turns)))
            weights = np.linalg.solve(basis @ basis.T, basis @ heard)
            remains = heard - weights @ basis
            a, b, c, d = weights.tolist()
            sums[0] += length * (a * a + c * c)
            sums[1] += length * (b * b + d * d)
            count += length
            rest += float(remains @ remains)
            left.append(remains)
        row, column = (
            one / (2 * count * float(self._gains[min(1999, max(0, round(tone)))]))
            for one, tone in zip(sums, true, strict=True)
        )
        return Fit(row, column, rest / count, count, left)


def offsets(parts: Complexes, pieces: Pieces, key: Key) -> tuple[float, float]:
    """How far off both tones are, in Hz: from the phase over 4 ms, 8 ms and half a piece."""
    longest = max(two - one for one, two in pieces)
    off = [0.0, 0.0]
    for tone in (0, 1):
        row = parts[tone]
        turn = 0.0  # radians a step more than the tone's own
        for lag in (4, 8, longest // 2):
            if lag >= longest:
                continue
            total, size = 0j, 0.0
            for one, two in pieces:
                if two - one >= lag:
                    before, after = row[one : two + 1 - lag], row[one + lag : two + 1]
                    total += complex(np.vdot(before, after))
                    if lag > 8:
                        size += float(np.abs(before) @ np.abs(after))
            # over half a piece only where the phase is one: dropped samples make it jump
            if lag > 8 and abs(total) < 0.8 * size:
                continue
            angle = math.atan2(total.imag, total.real) - (key.turns[tone] + turn) * lag
            turn += math.remainder(angle, 2 * math.pi) / lag
        off[tone] = turn * RATE / (2 * math.pi * STEP)
    return off[0], off[1]


def deviation_of(offs: tuple[float, float], key: Key) -> float:
    """How far off the worse tone is, as a share of its frequency."""
    return max(abs(off) / tone for off, tone in zip(offs, key.tones, strict=True))


def unevenness(parts: Complexes, pieces: Pieces) -> tuple[float, float]:
    """Standard deviation over mean of the power of row and column, (2, frames) complex parts."""
    within = np.concatenate([parts[:, one : two + 1] for one, two in pieces], axis=1)
    power = within.real * within.real + within.imag * within.imag
    mean = power.sum(axis=1) / power.shape[1]
    squares = (power * power).sum(axis=1) / power.shape[1]
    row, column = np.sqrt(np.maximum(squares - mean * mean, 0.0)) / (mean + 1e-30)
    return float(row), float(column)


def parted(parts: Complexes, pieces: Pieces, key: Key) -> Pieces:
    """The longest piece parted where its phase jumps, as where samples were dropped."""
    one, two = max(pieces, key=lambda piece: piece[1] - piece[0])
    turns = np.outer(key.turns, np.arange(two - one + 1))
    summed = np.cumsum(parts[:, one : two + 1] * np.exp(-1j * turns), axis=1)
    apart = (np.abs(summed) + np.abs(summed[:, -1:] - summed)).sum(axis=0)
    place = one + int(apart.argmax())
    # both halves lose the frames that reach over the jump
    return trimmed([(one - EDGE, place), (place, two + EDGE)])
