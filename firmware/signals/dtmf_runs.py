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

PURE_SHARE = 0.82
FORGIVEN = 3  # hops between windows of one run
MIN_SHARES = 1.25
MIN_COHERENCE = 0.81
MIN_BROKEN_COHERENCE = 0.55  # where samples were dropped the phase jumps
MAX_DEVIATION = 0.026
MAX_PHASE_NOISE = 0.2
MAX_PHASE_JUMP = 0.6  # what is left of a jump in the mean of a run

Doubles = NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class Run:
    """`first` and `last`: places of windows in hops; `key`: place in KEYS; `likely`: a judgement
    is worth its while; `pure`: its windows hold little else."""

    first: int
    last: int
    key: int
    likely: bool
    pure: bool = False


def _turns() -> tuple[Doubles, Doubles]:
    """(2, 16) cosine and sine of what row and column of each key turn in a hop."""
    angles = np.array([tones_of(key) for key in range(len(KEYS))]).T * (2 * math.pi * HOP / RATE)
    return np.cos(angles), np.sin(angles)


class Runs:
    """`find` cuts nominated windows into runs; a window with no like neighbour is in none."""

    def __init__(self) -> None:
        self._cos, self._sin = _turns()
        self._limits = [
            [MAX_DEVIATION * tone * 2 * math.pi * HOP / RATE for tone in pair]
            for pair in map(tones_of, range(len(KEYS)))
        ]

    def find(self, seen: Nominated) -> list[Run]:
        """The runs in order. Whether a run is likely depends on its own windows alone."""
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
        pure = sums > np.float32(PURE_SHARE) * counts
        return [
            Run(
                int(window[first]),
                int(window[last]),
                int(key[first]),
                good and self._steady(seen.where(slice(int(first), int(last) + 1))),
                clear,
            )
            for first, last, good, clear in zip(
                firsts, lasts, strong.tolist(), pure.tolist(), strict=True
            )
        ]

    def _steady(self, run: Nominated) -> bool:
        """Whether both tones turn from window to window as tones of their frequency do."""
        key = int(run.key[0])
        broken = float(run.share.sum()) > 0.68 * len(run.share)
        next_to = run.window[1:] - run.window[:-1] == 1
        parts = run.parts.astype(np.float64)
        for tone in (0, 1):
            real, imaginary = parts[2 * tone], parts[2 * tone + 1]
            along = (real[1:] * real[:-1] + imaginary[1:] * imaginary[:-1])[next_to]
            across = (imaginary[1:] * real[:-1] - real[1:] * imaginary[:-1])[next_to]
            total = float(np.sqrt(along * along + across * across).sum())
            x, y = float(along.sum()), float(across.sum())
            cos, sin = float(self._cos[tone, key]), float(self._sin[tone, key])
            x, y = x * cos + y * sin, y * cos - x * sin
            coherence = math.hypot(x, y) / (total + 1e-30)
            if coherence < (MIN_BROKEN_COHERENCE if broken else MIN_COHERENCE):
                return False
            slack = MAX_PHASE_JUMP if broken else MAX_PHASE_NOISE
            if abs(math.atan2(y, x)) > self._limits[key][tone] + slack:
                return False
        return True
