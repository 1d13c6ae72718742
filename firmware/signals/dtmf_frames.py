"""A stretch of sound in frames: what a key's two tones are in each, and where they sound."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from firmware.signals.dtmf_judge import RATE
from firmware.signals.dtmf_keypad import KEYS, tones_of

FRAME = 64
STEP = 8
EDGE = FRAME // STEP // 2  # frames that reach over an edge of the tone
LONGEST_GAP = 14  # steps of 1 ms: an interruption of 10 ms does not split a digit (Q.24)
LONGEST_DIP = 5  # steps: shorter ones are noise
SHORTEST_BLIP = 5  # steps: what sounds shorter is noise
SHORTEST_PIECE = 56  # samples

Doubles = NDArray[np.float64]
Complexes = NDArray[np.complex128]
Pieces = list[tuple[int, int]]  # first and last frame of each


@dataclass(frozen=True, eq=False, slots=True)
class Key:
    """`matrix`: (FRAME, 4) real parts, then imaginary, of row and column under a taper; `turns`:
    radians a step."""

    tones: tuple[float, float]
    matrix: Doubles
    turns: tuple[float, float]


def every_key() -> list[Key]:
    """In the order of KEYS."""
    taper = np.hanning(FRAME + 2)[1:-1]
    taper /= taper.sum() / 2
    return [_key(tones_of(key), taper) for key in range(len(KEYS))]


def _key(tones: tuple[float, float], taper: Doubles) -> Key:
    turns = np.outer(np.arange(FRAME), tones) * (2 * math.pi / RATE)
    matrix = np.concatenate((np.cos(turns), -np.sin(turns)), axis=1) * taper[:, None]
    row, column = (2 * math.pi * tone * STEP / RATE for tone in tones)
    return Key(tones, matrix, (row, column))


def framed(stretch: Doubles, key: Key) -> Doubles:
    """(n,) samples as (4, frames): real parts of row and column, then imaginary ones."""
    count = (len(stretch) - FRAME) // STEP + 1
    size = stretch.itemsize
    frames = as_strided(stretch, (count, FRAME), (STEP * size, size)).copy()
    return np.asarray((frames @ key.matrix).T)


def soundings_of(on: NDArray[np.int64]) -> list[Pieces]:
    """For each sounding, the first and last frame of the stretches in which it is on; frames as
    short as a blip of noise are none."""
    if len(on) == 0:
        return []
    if int(on[-1] - on[0]) + 1 == len(on):
        stretches = [(int(on[0]), int(on[-1]))]
    else:
        breaks = np.flatnonzero(on[1:] - on[:-1] > LONGEST_DIP + 1).tolist()
        firsts = on[[0, *(one + 1 for one in breaks)]].tolist()
        stretches = list(zip(firsts, on[[*breaks, -1]].tolist(), strict=True))
    found: list[Pieces] = []
    for one, two in stretches:
        if two - one + 1 < SHORTEST_BLIP:
            continue
        if found and one - found[-1][-1][1] <= LONGEST_GAP + 1:
            found[-1].append((one, two))
        else:
            found.append([(one, two)])
    return found


def trimmed(stretches: Pieces) -> Pieces:
    """The frames that lie wholly in the tone, where there are enough of them."""
    return [
        (one + EDGE, two - EDGE)
        for one, two in stretches
        if (two - one - 2 * EDGE) * STEP >= SHORTEST_PIECE
    ]
