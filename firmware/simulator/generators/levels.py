"""dBm0 and amplitudes: a sine that just fills 16 bits is +3.14 dBm0 (ITU-T G.711, A-law)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float64]

FULL_SCALE_DBM0 = 3.14
SILENCE_DBM0 = -120.0
ACTIVITY_MARGIN_DB = 15.9
"""ITU-T P.56: speech is active where its envelope is within this margin of the active level."""


def amplitude(level_dbm0: float) -> float:
    """The peak of a sine of this level; full scale is 1."""
    return float(10.0 ** ((level_dbm0 - FULL_SCALE_DBM0) / 20.0))


def rms(level_dbm0: float) -> float:
    """The effective value of any signal of this level."""
    return amplitude(level_dbm0) / math.sqrt(2.0)


def level_dbm0(samples: NDArray[np.floating]) -> float:
    """The level of all samples together."""
    power = float(np.mean(np.square(samples, dtype=np.float64))) if len(samples) else 0.0
    if power <= 1e-12:
        return SILENCE_DBM0
    return 10.0 * math.log10(2.0 * power) + FULL_SCALE_DBM0


def active_level_dbm0(samples: NDArray[np.floating], rate: int) -> float:
    """The level of the active parts only, after the idea of ITU-T P.56, in frames of 20 ms."""
    frame = rate // 50
    whole = len(samples) // frame * frame
    if whole == 0:
        return level_dbm0(samples)
    power = np.square(samples[:whole], dtype=np.float64).reshape(-1, frame).mean(axis=1)
    active = power
    for _ in range(20):
        kept = power[power >= active.mean() * 10.0 ** (-ACTIVITY_MARGIN_DB / 10.0)]
        if len(kept) == len(active):
            break
        active = kept
    mean = float(active.mean())
    if mean <= 1e-12:
        return SILENCE_DBM0
    return 10.0 * math.log10(2.0 * mean) + FULL_SCALE_DBM0


def to_int16(samples: NDArray[np.floating]) -> NDArray[np.int16]:
    """Rounded to 16 bits; what exceeds full scale is clipped, as a codec does."""
    clipped: NDArray[np.int16] = np.clip(np.rint(samples * 32768.0), -32768, 32767).astype(np.int16)
    return clipped
