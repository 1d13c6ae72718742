"""Runs of windows that were nominated for one key, and which of them are worth a judgement.

A run is what a digit leaves in the windows; it survives up to three windows of nothing, so that an
interruption of 10 ms does not end it. Its limits are wide: a digit of 50 ms at -3 dB keeps within
them, three of four runs in speech do not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firmware.signals.dtmf_keypad import KEYS, tones_of
from firmware.signals.dtmf_screen import HOP, RATE, Nominated
from firmware.signals.stream import Floats

PURE_SHARE = 0.82
BROKEN_SHARE = 0.68  # so pure that a jump of the phase is one of dropped samples
LONG = 64  # windows, 0.5 s: a longer tone is judged in parts of this length
FORGIVEN = 3  # hops between windows of one run
MIN_SHARES = 1.25
MIN_COHERENCE = 0.81
MIN_BROKEN_COHERENCE = 0.55  # where samples were dropped the phase jumps
MAX_DEVIATION = 0.026
MAX_PHASE_NOISE = 0.2
MAX_PHASE_JUMP = 0.6  # what is left of a jump in the mean of a run


@dataclass(frozen=True, eq=False, slots=True)
class Run:
    """`first` and `last`: places of windows in hops; `key`: place in KEYS; `likely`: a judgement
    is worth its while; `pure`: its windows hold little else."""

    first: int
    last: int
    key: int
    likely: bool
    pure: bool = False


def _turns() -> tuple[list[list[float]], list[list[float]]]:
    """(2, 16) cosine and sine of what row and column of each key turn in a hop."""
    angles = np.array([tones_of(key) for key in range(len(KEYS))]).T * (2 * math.pi * HOP / RATE)
    return np.cos(angles).tolist(), np.sin(angles).tolist()


class Runs:
    """`find` cuts nominated windows into runs; a window with no like neighbour is in none."""

    def __init__(self) -> None:
        self._cos, self._sin = _turns()
        self._limits = [
            [MAX_DEVIATION * tone * 2 * math.pi * HOP / RATE for tone in pair]
            for pair in map(tones_of, range(len(KEYS)))
        ]

    def find(self, seen: Nominated) -> list[Run]:
        """The runs in order, the first, the last and those worth a look. Whether a run is likely
        depends on its own windows alone."""
        window, key = seen.window, seen.key
        alike = (window[1:] - window[:-1] == 1) & (key[1:] == key[:-1])
        kept = np.zeros(len(window), bool)
        kept[1:] |= alike
        kept[:-1] |= alike
        if not kept.any():
            return []
        seen = seen.where(kept)
        window, key = seen.window, seen.key
        steps = window[1:] - window[:-1]
        parted = (steps > FORGIVEN) | (key[1:] != key[:-1])
        firsts = np.concatenate(([0], np.flatnonzero(parted) + 1))
        lasts = np.concatenate((firsts[1:], [len(window)])) - 1
        sums = np.add.reduceat(seen.share, firsts)
        counts = lasts - firsts + 1
        # the fewer windows, the purer they must be
        strong = (counts >= 4) | ((counts >= 3) & (sums > np.float32(1.35))) | (sums > 1.6)
        strong &= sums > MIN_SHARES
        # the first and the last may be parts of a longer one; else only what is likely matters
        wanted = strong | (window[lasts] - window[firsts] >= LONG)
        wanted[0] = wanted[-1] = True
        turned = self._turned(seen.parts, (steps == 1) & ~parted, firsts) if strong.any() else None
        found = []
        for at in np.flatnonzero(wanted).tolist():
            first, last, share = int(firsts[at]), int(lasts[at]), float(sums[at] / counts[at])
            own = int(key[first])
            likely = bool(strong[at])
            if likely and turned is not None:
                likely = self._steady(turned[:, at].tolist(), own, share > BROKEN_SHARE)
            found.append(
                Run(int(window[first]), int(window[last]), own, likely, share > PURE_SHARE)
            )
        return found

    @staticmethod
    def _turned(
        parts: Floats, next_to: NDArray[np.bool_], firsts: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """(6, runs): for row and column, cosine, then sine, then size of what the phase turned
        from window to window, summed over each run."""
        exact = parts.astype(np.float64)
        real, imaginary = exact[0::2], exact[1::2]
        links = np.zeros((6, exact.shape[1]))
        links[0:2, :-1] = real[:, 1:] * real[:, :-1] + imaginary[:, 1:] * imaginary[:, :-1]
        links[2:4, :-1] = imaginary[:, 1:] * real[:, :-1] - real[:, 1:] * imaginary[:, :-1]
        links[4:6] = np.sqrt(links[0:2] * links[0:2] + links[2:4] * links[2:4])
        links[:, :-1] *= next_to
        return np.asarray(np.add.reduceat(links, firsts, axis=1))

    def _steady(self, turned: list[float], key: int, broken: bool) -> bool:
        """Whether both tones turn from window to window as tones of their frequency do."""
        for tone in (0, 1):
            x, y, size = turned[tone], turned[2 + tone], turned[4 + tone]
            cos, sin = self._cos[tone][key], self._sin[tone][key]
            x, y = x * cos + y * sin, y * cos - x * sin
            if math.hypot(x, y) < (MIN_BROKEN_COHERENCE if broken else MIN_COHERENCE) * size:
                return False
            slack = MAX_PHASE_JUMP if broken else MAX_PHASE_NOISE
            if abs(math.atan2(y, x)) > self._limits[key][tone] + slack:
                return False
        return True
