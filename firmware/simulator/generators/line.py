"""What a pair of wires adds by itself: noise, mains hum, ringing, clicks."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from firmware.simulator.generators.levels import Sound, amplitude, rms

HUM_HARMONICS_DB = ((1, 0.0), (3, -10.0), (5, -16.0), (7, -22.0))
"""Odd harmonics of the mains and their levels below the fundamental: an assumption, not a norm."""
CLICK_DECAY_S = 0.0015
"""Time constant of a switching click behind a line transformer: an assumption."""


def noise(count: int, level_dbm0: float, random: np.random.Generator) -> NDArray[np.float32]:
    """White Gaussian noise, (count,) samples, its power over 0 to half the rate `level_dbm0`."""
    return random.standard_normal(count, np.float32) * np.float32(rms(level_dbm0))


def hum(count: int, rate: int, level_dbm0: float, mains_hz: float = 50.0) -> Sound:
    """Mains hum, (count,) samples; `level_dbm0` is that of all harmonics together."""
    angle = 2.0 * math.pi * mains_hz * np.arange(count) / rate
    sound = np.zeros(count)
    power = 0.0
    for order, below in HUM_HARMONICS_DB:
        sound += 10.0 ** (below / 20.0) * np.sin(order * angle + order)
        power += 10.0 ** (below / 10.0)
    return amplitude(level_dbm0) / math.sqrt(power) * sound


def ringing(count: int, rate: int, level_dbm0: float, hertz: float = 25.0) -> Sound:
    """What is left of ringing voltage behind the high-pass of the audio input, (count,) samples."""
    return amplitude(level_dbm0) * np.sin(2.0 * math.pi * hertz * np.arange(count) / rate)


def click(rate: int, peak: float = 0.2, rising: bool = True) -> Sound:
    """A hook or dial contact: a step that dies out within ten milliseconds."""
    count = round(0.010 * rate)
    decay = np.exp(-np.arange(count) / (CLICK_DECAY_S * rate))
    return (peak if rising else -peak) * decay
