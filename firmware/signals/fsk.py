"""1200 baud FSK as caller ID is sent: bursts found in the stream, bytes read from a burst.

A burst is kept whole and read when it has ended, so that amplitude of mark and space, and the
standard, are known before a bit is decided. Tones: Bellcore GR-30 mark 1200 Hz, space 2200 Hz;
ITU-T V.23 forward channel (EN 300 659-1) mark 1300 Hz, space 2100 Hz. 8N1, LSB first.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firmware.signals.stream import Floats, Windows

BAUD = 1200.0
WINDOW = 160
HOP = 80
BAND_HZ = (1000.0, 2400.0)
BAND_SHARE = 0.6
MIN_POWER = 0.5 * 10 ** ((-48.0 - 3.14) / 10)
QUIET_HOPS = 5
SHORTEST_HOPS = 8  # 80 ms: the shortest message is longer
LONGEST_S = 4.0
MARK_RUN_BITS = 20


@dataclass(frozen=True, slots=True)
class Modem:
    """Frequencies in Hz."""

    name: str
    mark: float
    space: float


BELLCORE = Modem("bellcore", 1200.0, 2200.0)
V23 = Modem("etsi-v23", 1300.0, 2100.0)


@dataclass(frozen=True, eq=False, slots=True)
class Burst:
    """`samples`: (n,) float32; `start`: stream index of the first."""

    start: int
    samples: Floats


class BurstFinder:
    """Finds stretches whose power lies in the band of both standards."""

    def __init__(self, rate: int = 8000) -> None:
        self._windows = Windows(WINDOW, HOP)
        bins = np.fft.rfftfreq(WINDOW, 1 / rate)
        self._band = (bins >= BAND_HZ[0]) & (bins <= BAND_HZ[1])
        self._taper = np.hanning(WINDOW).astype(np.float32)
        self._longest = round(LONGEST_S * rate / HOP)
        self._held: Floats = np.zeros(0, np.float32)
        self._held_from = 0
        self._began: int | None = None
        self._last = 0

    def feed(self, samples: Floats) -> list[Burst]:
        """Take (n,) float32 samples; the bursts that ended in them."""
        at = self._windows.start
        windows = self._windows.take(samples)
        self._held = np.concatenate((self._held, samples.astype(np.float32)))
        if len(windows) == 0:
            return []
        spectrum = np.square(np.abs(np.fft.rfft(windows * self._taper, axis=1)))
        total = spectrum[:, 1:].sum(axis=1) + 1e-20
        loud = np.mean(np.square(windows), axis=1) > MIN_POWER
        inside = loud & (spectrum[:, self._band].sum(axis=1) > BAND_SHARE * total)
        found: list[Burst] = []
        places = range(len(windows)) if self._began is not None or inside.any() else ()
        for index in places:
            found += self._step(at + index * HOP, bool(inside[index]))
        if self._began is None:
            self._let_go(self._windows.start - HOP)
        return found

    def _step(self, place: int, inside: bool) -> list[Burst]:
        if inside:
            if self._began is None:
                self._began = place
            self._last = place
        elif self._began is None or place - self._last < QUIET_HOPS * HOP:
            return []
        if inside and self._began is not None and place - self._began < self._longest * HOP:
            return []
        return self._end()

    def _end(self) -> list[Burst]:
        began, self._began = self._began, None
        if began is None or self._last - began < SHORTEST_HOPS * HOP:
            return []
        first = max(self._held_from, began - HOP)
        last = self._last + WINDOW + HOP
        kept = self._held[first - self._held_from : last - self._held_from].copy()
        return [Burst(first, kept)]

    def _let_go(self, before: int) -> None:
        if before > self._held_from:
            self._held = self._held[before - self._held_from :].copy()
            self._held_from = before

    def flush(self) -> list[Burst]:
        """The stream is over: the burst that still ran."""
        return self._end()


def _envelope(samples: Floats, tone: float, rate: int) -> NDArray[np.float64]:
    """The amplitude of `tone` over one bit around each sample."""
    turned = samples * np.exp(-2j * math.pi * tone / rate * np.arange(len(samples)))
    bit = rate / BAUD
    whole = int(bit) // 2 * 2 - 1
    edge = (bit - whole) / 2
    shape = np.concatenate(([edge], np.ones(whole), [edge])) / bit
    return np.abs(np.convolve(turned, shape, mode="same"))


def soft_bits(samples: Floats, modem: Modem, rate: int = 8000) -> NDArray[np.float64]:
    """(n,) values around each sample: +1 mark, -1 space; twist is taken out."""
    mark = _envelope(samples, modem.mark, rate)
    space = _envelope(samples, modem.space, rate)
    difference = mark - space
    low, high = np.percentile(difference, (6, 94))
    return np.asarray((difference - (high + low) / 2) / ((high - low) / 2 + 1e-12))


def mark_frequency(samples: Floats, rate: int = 8000) -> float:
    """The frequency in Hz of (n,) samples of a steady tone between 1000 and 1600 Hz."""
    size = 8192
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), size))
    low, high = round(1000 * size / rate), round(1600 * size / rate)
    return float((low + int(spectrum[low:high].argmax())) * rate / size)


def mark_runs(soft: NDArray[np.float64], rate: int = 8000) -> Iterator[tuple[int, int]]:
    """First and last index of every run of mark that may stand before a message."""
    span = round(4 * rate / BAUD)
    smooth = np.convolve(soft, np.ones(span) / span, mode="same")
    high = np.concatenate(([0], (smooth > 0.4).astype(np.int8), [0]))
    turns = np.diff(high)
    for first, last in zip(np.flatnonzero(turns == 1), np.flatnonzero(turns == -1), strict=True):
        if last - first >= MARK_RUN_BITS * rate / BAUD:
            yield int(first), int(last)


def read_bytes(
    soft: NDArray[np.float64], after: int, rate: int = 8000
) -> Iterator[tuple[int, float, bool]]:
    """Bytes from sample `after` on: the byte, the sample behind it, whether its stop bit stands."""
    bit = rate / BAUD
    at = float(after)
    while True:
        start = _start_bit(soft, at, bit)
        if start is None or start + 9.5 * bit >= len(soft):
            return
        centres = start + bit * (np.arange(9) + 1.5)
        spread = np.array([-1.0, 0.0, 1.0])
        values = np.interp(centres[:, None] + spread, np.arange(len(soft)), soft).mean(axis=1)
        byte = sum(1 << place for place in range(8) if values[place] > 0)
        yield byte, start + 10 * bit, bool(values[8] > 0)
        at = start + 9.3 * bit


def _start_bit(soft: NDArray[np.float64], at: float, bit: float) -> float | None:
    """Where mark turns to space, between samples; None where it never does."""
    first = math.ceil(at)
    limit = min(len(soft) - 1, first + round(30 * bit))
    for index in range(first, limit):
        if soft[index] > 0 >= soft[index + 1] or (index == first and soft[index] <= 0):
            middle = round(index + bit / 2)
            if soft[middle - 1 : middle + 2].mean() < 0:
                before, behind = float(soft[index]), float(soft[index + 1])
                if before <= 0:
                    return float(index)
                return index + before / (before - behind)
    return None
