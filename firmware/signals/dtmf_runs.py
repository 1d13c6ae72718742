"""Runs of windows that were nominated for one key, and which of them are worth a judgement.

A run is what a digit leaves in the windows; it survives up to three windows of nothing, so that an
interruption of 10 ms does not end it. Its limits are wide: a digit of 50 ms at -3 dB keeps within
them, three of four runs in speech do not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from firmware.signals.dtmf_keypad import KEYS, tones_of
from firmware.signals.dtmf_screen import HOP, RATE, Nominated

PURE_SHARE = 0.82
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
        pure = sums > np.float32(PURE_SHARE) * counts
        # the first and the last may be parts of a longer one; else only what is likely matters
        wanted = strong | (counts >= LONG)
        wanted[0] = wanted[-1] = True
        at = np.flatnonzero(wanted)
        found = []
        for first, last, good, clear in zip(
            firsts[at].tolist(),
            lasts[at].tolist(),
            strong[at].tolist(),
            pure[at].tolist(),
            strict=True,
        ):
            own = seen.where(slice(first, last + 1))
            likely = good and self._steady(own)
            places = int(own.window[0]), int(own.window[-1])
            found.append(Run(*places, int(own.key[0]), likely, clear))
        return found

    def _steady(self, run: Nominated) -> bool:
        """Whether both tones turn from window to window as tones of their frequency do."""
        key = int(run.key[0])
        broken = float(run.share.sum()) > 0.68 * len(run.share)
        parts = run.parts.astype(np.float64)
        real, imaginary = parts[0::2], parts[1::2]
        along = real[:, 1:] * real[:, :-1] + imaginary[:, 1:] * imaginary[:, :-1]
        across = imaginary[:, 1:] * real[:, :-1] - real[:, 1:] * imaginary[:, :-1]
        if int(run.window[-1]) - int(run.window[0]) >= len(run.window):
            next_to = run.window[1:] - run.window[:-1] == 1
            along, across = along[:, next_to], across[:, next_to]
        sizes = np.sqrt(along * along + across * across).sum(axis=1).tolist()
        turned = zip(along.sum(axis=1).tolist(), across.sum(axis=1).tolist(), sizes, strict=True)
        for tone, (x, y, size) in enumerate(turned):
            cos, sin = self._cos[tone][key], self._sin[tone][key]
            x, y = x * cos + y * sin, y * cos - x * sin
            if math.hypot(x, y) < (MIN_BROKEN_COHERENCE if broken else MIN_COHERENCE) * size:
                return False
            slack = MAX_PHASE_JUMP if broken else MAX_PHASE_NOISE
            if abs(math.atan2(y, x)) > self._limits[key][tone] + slack:
                return False
        return True
