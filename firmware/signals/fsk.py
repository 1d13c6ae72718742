"""1200 baud FSK as caller ID is sent: mark runs, correlation bit by bit, the clock of the bits.

Tones: Bellcore GR-30 (Bell 202) mark 1200 Hz, space 2200 Hz; ITU-T V.23 forward channel
(EN 300 659-1) mark 1300 Hz, space 2100 Hz. Nothing here decides a bit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from firmware.signals.bursts import RATE, Doubles

BAUD = 1200.0
BIT = RATE / BAUD
WORST_BAUD = 0.03
WINDOW = 160
HOP = 80
ROWS = 80
MARK_TONES = np.arange(1160.0, 1341.0, 20.0)
MARK_PURITY = 0.36
MARK_SPREAD = 1  # steps of MARK_TONES
SHORTEST_MARK = 3  # windows: 55 bits, the least that EN 300 659-1 allows, are 46 ms

Complexes = NDArray[np.complex128]


@dataclass(frozen=True, slots=True)
class Modem:
    """Frequencies in Hz."""

    name: str
    mark: float
    space: float


BELLCORE = Modem("bellcore", 1200.0, 2200.0)
V23 = Modem("etsi-v23", 1300.0, 2100.0)


@dataclass(frozen=True, slots=True)
class MarkRun:
    """A steady mark from sample `first` to `last`, give or take 10 ms; `frequency` in Hz."""

    first: int
    last: int
    frequency: float

    @property
    def modem(self) -> Modem:
        """Whose mark it is: the nearer one."""
        return BELLCORE if self.frequency < (BELLCORE.mark + V23.mark) / 2 else V23


def _tone_matrix() -> Doubles:
    turns = np.outer(np.arange(WINDOW) - WINDOW / 2, MARK_TONES) * (2 * math.pi / RATE)
    return np.concatenate((np.cos(turns), np.sin(turns)), axis=1)


_TONES = _tone_matrix()


def mark_runs(samples: Doubles) -> Iterator[MarkRun]:
    """Every stretch of (n,) samples that holds a steady tone near the mark of a standard."""
    if len(samples) < WINDOW:
        return
    views = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::HOP]
    # Larger products wake OpenBLAS's other threads, which cost more than they do.
    blocks = np.array_split(views, -(-len(views) // ROWS))
    parts = np.square(np.concatenate([block @ _TONES for block in blocks]))
    tones = parts[:, : len(MARK_TONES)] + parts[:, len(MARK_TONES) :]
    power = np.einsum("ij,ij->i", views, views)
    strongest = tones.argmax(axis=1)
    pure = tones[np.arange(len(tones)), strongest] * 2 > MARK_PURITY * WINDOW * (power + 1e-9)
    steady = np.concatenate(([False], np.abs(np.diff(strongest)) <= MARK_SPREAD)) & pure
    begun: int | None = None
    last = 0
    for index in [*np.flatnonzero(pure).tolist(), len(pure) + 1]:
        if begun is not None and index < len(pure) and steady[index] and index == last + 1:
            last = index
            continue
        if begun is not None and last - begun + 1 >= SHORTEST_MARK:
            first, end = begun * HOP, last * HOP + WINDOW
            yield MarkRun(first, end, _frequency(samples[first + HOP // 2 : end - HOP // 2]))
        begun = last = index


def _frequency(samples: Doubles) -> float:
    """The frequency in Hz of a steady tone between 1100 and 1400 Hz, by its advance of phase."""
    middle = BELLCORE.mark
    part = 20  # 2.5 ms: the advance stays far from half a turn
    count = len(samples) // part
    turned = _against(samples[: count * part], middle)
    sums = turned.reshape(count, part).sum(axis=1)
    near = np.vdot(sums[:-1], sums[1:])
    rough = float(np.angle(near)) / part
    sums = sums * np.exp(-1j * rough * part * np.arange(count))
    half = count // 2
    far = np.vdot(sums[:-half], sums[half:])
    fine = float(np.angle(far)) / (part * half)
    return middle + (rough + fine) * RATE / (2 * math.pi)


PERIOD = 80  # samples after which every tone of both standards has made whole turns


@cache
def _carrier(frequency: float) -> Complexes:
    """(PERIOD,) a pointer that turns against a frequency of whole hundreds of Hz."""
    made: Complexes = np.exp(-2j * math.pi * frequency / RATE * np.arange(PERIOD))
    made.flags.writeable = False
    return made


def _against(samples: Doubles, frequency: float) -> Complexes:
    """(n,) samples times the pointer that turns against a tone."""
    count = len(samples)
    padded = np.zeros(-(-count // PERIOD) * PERIOD)
    padded[:count] = samples
    turned: Complexes = (padded.reshape(-1, PERIOD) * _carrier(frequency)).reshape(-1)[:count]
    return turned


class Correlator:
    """Correlates a stretch with mark and space over any span of it.

    Frequencies are the standard's own: over one bit, a few Hz cost nothing, and the difference is
    in the phase, which is kept.
    """

    def __init__(self, samples: Doubles, modem: Modem) -> None:
        self._tones = (modem.mark, modem.space)
        self._count = len(samples)
        self._sums = []
        for tone in self._tones:
            sums = np.zeros(len(samples) + 1, np.complex128)
            np.cumsum(_against(samples, tone), out=sums[1:])
            self._sums.append(sums)

    def envelopes(self) -> tuple[Doubles, Doubles]:
        """(n - 7,) amplitude of mark and of space over one bit around sample index + 3.5."""
        made: list[Doubles] = []
        edge = (BIT - 6) / 2
        for sums in self._sums:
            # The span from 3.5 - BIT / 2 to 3.5 + BIT / 2, between samples.
            upper = sums[6:-1] + (sums[7:] - sums[6:-1]) * (0.5 + edge - 0.5)
            lower = sums[1:-6] - (sums[1:-6] - sums[:-7]) * edge
            span = upper - lower
            made.append(np.sqrt(np.square(span.real) + np.square(span.imag)) * (2 / BIT))
        return made[0], made[1]

    def bits(self, starts: Doubles, length: float) -> Complexes:
        """(k, 2): mark and space over `length` samples from each of (k,) starts.

        The phase is that of the middle of the bit.
        """
        made = np.empty((len(starts), 2), np.complex128)
        ends = starts + length
        places = np.arange(self._count + 1.0)
        for column, (tone, sums) in enumerate(zip(self._tones, self._sums, strict=True)):
            span = np.interp(ends, places, sums) - np.interp(starts, places, sums)
            # Sample n stands for the time from n to n + 1: its middle is half a sample later.
            turns = (starts + length / 2 - 0.5) * (2 * math.pi * tone / RATE)
            made[:, column] = span * np.exp(1j * turns)
        return made


@dataclass(frozen=True, slots=True)
class Clock:
    """Bit number k lasts from `start + k * length` for `length` samples."""

    start: float
    length: float


def clock_of(eye: Doubles) -> Clock:
    """The clock of (n,) values that are near +1 for mark and -1 for space.

    A change of bit pulls the square down: squares have a line at the rate of the bits.
    """
    pulled = np.square(np.clip(eye, -1.3, 1.3))
    size = 1 << max(12, (len(pulled) - 1).bit_length())
    window = 1 - np.square(np.linspace(-1, 1, len(pulled)))
    spectrum = np.fft.rfft((pulled - pulled.mean()) * window, size)
    step = RATE / size
    first = math.floor(BAUD * (1 - WORST_BAUD) / step)
    last = math.ceil(BAUD * (1 + WORST_BAUD) / step)
    line = np.abs(spectrum[first - 1 : last + 2])
    peak = int(line[1:-1].argmax()) + 1
    left, top, right = line[peak - 1 : peak + 2].tolist()
    bend = left - 2 * top + right
    aside = 0.0 if bend == 0 else max(-0.5, min(0.5, (left - right) / (2 * bend)))
    place = first - 1 + peak
    length = size / (place + aside)
    # Seen from the middle of the stretch the phase is the same all over the line's main lobe.
    middle = (len(pulled) - 1) / 2
    phase = float(np.angle(spectrum[place])) + 2 * math.pi * place * middle / size
    centre = middle - phase * length / (2 * math.pi)
    return Clock(centre - length / 2, length)
