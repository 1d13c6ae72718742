"""What the way through a network does to a signal: echo, clipping, A-law, lost samples."""

from __future__ import annotations

import numpy as np

from firmware.simulator.generators.levels import Sound

A = 87.6
"""ITU-T G.711: the constant of the A-law."""


def echoed(sound: Sound, rate: int, delay_ms: float, level_db: float) -> Sound:
    """The sound and one echo of it, `level_db` (negative) beside it and `delay_ms` behind."""
    delay = round(delay_ms * rate / 1000.0)
    heard = sound.copy()
    if delay < len(sound):
        heard[delay:] += 10.0 ** (level_db / 20.0) * sound[: len(sound) - delay]
    return heard


def clipped(sound: Sound, over_db: float) -> Sound:
    """The sound made `over_db` stronger, cut at full scale."""
    cut: Sound = np.clip(sound * 10.0 ** (over_db / 20.0), -1.0, 1.0)
    return cut


def a_law(sound: Sound) -> Sound:
    """Coded with 8 bits by the A-law (its smooth curve, not its 13 segments) and back."""
    size = np.abs(np.clip(sound, -1.0, 1.0))
    whole = 1.0 + np.log(A)
    curved = np.where(size < 1.0 / A, A * size, 1.0 + np.log(np.maximum(A * size, 1.0))) / whole
    steps = (np.floor(np.minimum(curved, 1.0 - 1e-9) * 128.0) + 0.5) / 128.0
    back = np.where(steps < 1.0 / whole, steps * whole / A, np.exp(steps * whole - 1.0) / A)
    decoded: Sound = np.sign(sound) * back
    return decoded


def interrupted(sound: Sound, rate: int, at_ms: float, length_ms: float) -> Sound:
    """Silence for `length_ms` from `at_ms` on."""
    first, last = (round(one * rate / 1000.0) for one in (at_ms, at_ms + length_ms))
    heard = sound.copy()
    heard[first:last] = 0.0
    return heard


def dropped(sound: Sound, rate: int, at_ms: float, length_ms: float) -> Sound:
    """Without the samples of `length_ms` from `at_ms` on: what follows comes early."""
    first, last = (round(one * rate / 1000.0) for one in (at_ms, at_ms + length_ms))
    return np.concatenate((sound[:first], sound[last:]))
