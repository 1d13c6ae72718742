"""Levels in dBm0: a full-scale 16-bit sine is +3.14 dBm0 (ITU-T G.711, table 5 note)."""

from __future__ import annotations

import math

import numpy as np

from firmware.audio.frames import Samples

FULL_SCALE_SINE_DBM0 = 3.14
SILENCE_DBM0 = -90.0


def rms_dbm0(samples: Samples) -> float:
    """The level of (n,) int16 samples; silence and nothing at all are -90 dBm0."""
    if len(samples) == 0:
        return SILENCE_DBM0
    wide = samples.astype(np.float64)
    mean_square = float(np.dot(wide, wide)) / len(wide)
    if mean_square == 0.0:
        return SILENCE_DBM0
    level = 10 * math.log10(2 * mean_square / 32768.0**2) + FULL_SCALE_SINE_DBM0
    return max(SILENCE_DBM0, level)
