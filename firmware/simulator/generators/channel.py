"""What a connection does to a sound: echo, a gap, A-law coding."""

from __future__ import annotations

import numpy as np

from firmware.simulator.generators.levels import Sound

ALAW_FULL_SCALE = 4096.0
"""ITU-T G.711: the A-law's largest decision value; a step of the lowest segments is 2."""


def echo(sound: Sound, rate: int, delay_s: float, loss_db: float) -> Sound:
    """The sound, and again after `delay_s`, `loss_db` weaker; as long as before."""
    late = round(delay_s * rate)
    made = sound.copy()
    if late < len(sound):
        made[late:] += 10.0 ** (-loss_db / 20.0) * sound[: len(sound) - late]
    return made


def dropout(sound: Sound, rate: int, start_s: float, duration_s: float = 0.010) -> Sound:
    """The sound with silence for `duration_s`: a lost packet, a slip of the exchange."""
    made = sound.copy()
    made[round(start_s * rate) : round((start_s + duration_s) * rate)] = 0.0
    return made


def a_law(sound: Sound) -> Sound:
    """The sound as it comes out of A-law coding: 8 bits a sample, ITU-T G.711.

    Eight segments of 16 steps; the lowest two have the same step, each further one twice the last.
    """
    size = np.minimum(np.abs(sound) * ALAW_FULL_SCALE, ALAW_FULL_SCALE - 1)
    segment = np.maximum(np.frexp(size)[1] - 1, 5)
    step = 2.0 ** (segment - 4.0)
    value = (np.floor(size / step) + 0.5) * step
    made: Sound = np.where(sound < 0, -value, value) / ALAW_FULL_SCALE
    return made
