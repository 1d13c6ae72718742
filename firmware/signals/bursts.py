"""Finds the stretches of a stream that may be 1200 baud FSK, at a few operations a sample.

Differenced samples y weigh a white stream evenly, so that the mean of y[n] * y[n-2] over the mean
of y[n]^2 is about 0 for noise, positive for hum and most of speech, and -0.78 (Bellcore) or -0.82
(V.23) for caller ID: the average of cos(2w) over what sounds. A steady mark is less alike; with the
mean of y[n] * y[n-4] added it stands out as well. Whatever passes is only a candidate.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firmware.signals.stream import Floats

RATE = 8000
BLOCK = 80
SMOOTHED = 4  # blocks
BATCH = 10  # blocks: in a live stream the work is done every 100 ms
PIECE = 40 * BATCH * BLOCK  # samples of a long feed worked on at once, so that caches hold them
LIKENESS = 0.28
MARK_LIKENESS = 0.42
MIN_LEVEL_DBM0 = -50.0
FULL_SCALE_SINE_DBM0 = 3.14
QUIET_BLOCKS = 5
SHORTEST_BLOCKS = 8  # a mark of 55 bits and the shortest message last 100 ms
LEAD_BLOCKS = 25  # a mark alone is less alike; it stands before what was found
TAIL_BLOCKS = 2
LONGEST_BLOCKS = 600  # 258 bytes with ten mark bits after each last 4.7 s
HELD = (LEAD_BLOCKS + SMOOTHED) * BLOCK
FULL_SCALE = 32768.0

Doubles = NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class Burst:
    """`samples`: (n,) float64 at 8 kHz, their mean taken out; `start`: stream index of the first.

    `began`: stream index from which on it sounds like data, give or take 10 ms.
    """

    start: int
    began: int
    samples: Doubles


class BurstFinder:
    """`feed` gives candidates when they have ended.

    Samples are rounded to 16 bits: sums of whole numbers are exact, so no cut of the stream can
    change what is found.
    """

    def __init__(self) -> None:
        self._waiting: list[Doubles] = []
        self._count = 0
        self._held: Doubles = np.zeros(0)
        self._held_from = 0
        self._past: Doubles = np.zeros(5)  # samples before the next block
        self._sums: Doubles = np.zeros((3, SMOOTHED - 1))
        self._block = 0  # number of the next block
        self._began: int | None = None
        self._last = 0

    def feed(self, samples: Floats) -> list[Burst]:
        """Take (n,) float32 samples in -1..1; the candidates that ended in them."""
        found: list[Burst] = []
        for first in range(0, len(samples), PIECE):
            found += self._take(_whole(samples[first : first + PIECE]))
        return found

    def _take(self, samples: Doubles) -> list[Burst]:
        self._waiting.append(samples)
        self._count += len(samples)
        taken = self._count // (BATCH * BLOCK) * BATCH * BLOCK
        if taken == 0:
            return []
        joined = self._waiting[0] if len(self._waiting) == 1 else np.concatenate(self._waiting)
        self._waiting = [joined[taken:].copy()] if taken < self._count else []
        self._count -= taken
        return self._search(joined[:taken])

    def flush(self) -> list[Burst]:
        """The stream is over: what still ran."""
        rest = np.concatenate([*self._waiting, np.zeros(0)])
        self._waiting, self._count = [], 0
        whole = len(rest) // BLOCK * BLOCK
        found = self._search(rest[:whole]) if whole else []
        self._held = np.concatenate((self._held, rest[whole:]))
        if self._began is not None:
            found += self._end()
        return found

    def _search(self, samples: Doubles) -> list[Burst]:
        data, mark = self._alike(samples)
        first, self._block = self._block, self._block + len(data)
        found: list[Burst] = []
        if self._began is None and not data.any() and len(samples) > HELD:
            self._held, self._held_from = samples[-HELD:].copy(), self._block * BLOCK - HELD
            return found
        self._held = np.concatenate((self._held, samples))
        places = np.flatnonzero(data | mark)
        for group in np.split(places, np.flatnonzero(np.diff(places) > QUIET_BLOCKS) + 1):
            if len(group):
                found += self._extend(first + group, data[group])
        if self._began is not None and self._block - self._last > QUIET_BLOCKS:
            found += self._end()
        kept = self._began if self._began is not None else self._block
        self._let_go(kept * BLOCK - HELD)
        return found

    def _alike(self, samples: Doubles) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """(m,) whether the last blocks up to each block sound like data, and like a mark."""
        joined = np.concatenate((self._past, samples))
        self._past = joined[-5:].copy()
        steps = joined[1:] - joined[:-1]
        now = steps[4:]
        lags = [one.reshape(-1, BLOCK) for one in (now, steps[2:-2], steps[:-4])]
        fresh = np.stack([np.einsum("ij,ij->i", lags[0], one) for one in lags])
        sums = np.concatenate((self._sums, fresh), axis=1)
        self._sums = sums[:, 1 - SMOOTHED :].copy()
        count = fresh.shape[1]
        smooth = sums[:, :count] + sums[:, 1 : 1 + count]
        smooth = smooth + sums[:, 2 : 2 + count] + sums[:, 3 : 3 + count]
        floor = FULL_SCALE**2 / 2 * 10 ** ((MIN_LEVEL_DBM0 - FULL_SCALE_SINE_DBM0) / 10)
        loud = smooth[0] > floor * BLOCK * SMOOTHED
        data = loud & (-smooth[1] > LIKENESS * smooth[0])
        return data, loud & (-smooth[1] - smooth[2] > MARK_LIKENESS * smooth[0])

    def _extend(self, blocks: NDArray[np.intp], data: NDArray[np.bool_]) -> list[Burst]:
        """Take (k,) blocks without a long gap; `data`: which of them may begin a candidate."""
        found: list[Burst] = []
        if self._began is not None and blocks[0] - self._last > QUIET_BLOCKS:
            found += self._end()
        while len(blocks):
            if self._began is None:
                if not data.any():
                    break
                skipped = int(data.argmax())
                blocks, data = blocks[skipped:], data[skipped:]
                self._began = int(blocks[0])
            fitting = int(np.searchsorted(blocks, self._began + LONGEST_BLOCKS, side="right"))
            if fitting:
                self._last = int(blocks[fitting - 1])
            blocks, data = blocks[fitting:], data[fitting:]
            if len(blocks):
                found += self._end()
        return found

    def _end(self) -> list[Burst]:
        began, self._began = self._began, None
        if began is None or self._last - began < SHORTEST_BLOCKS:
            return []
        first = max(self._held_from, began * BLOCK - HELD)
        last = (self._last + 1 + TAIL_BLOCKS) * BLOCK
        kept = self._held[first - self._held_from : last - self._held_from]
        return [Burst(first, (began - 1) * BLOCK, (kept - kept.mean()) / FULL_SCALE)]

    def _let_go(self, before: int) -> None:
        if before > self._held_from:
            self._held = self._held[before - self._held_from :].copy()
            self._held_from = before


def _whole(samples: Floats) -> Doubles:
    """Samples in 16-bit steps; what is no number is silence, what is beyond is clipped."""
    scaled = np.multiply(samples, FULL_SCALE, dtype=np.float64)
    if len(samples) and not (samples.min() >= -1.0 and samples.max() <= 1.0):
        scaled = np.nan_to_num(scaled, nan=0.0, posinf=FULL_SCALE, neginf=-FULL_SCALE)
        np.clip(scaled, -FULL_SCALE, FULL_SCALE, out=scaled)
    return np.rint(scaled, out=scaled)
