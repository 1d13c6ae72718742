"""DTMF as ITU-T Q.23 defines it, with the deviations Q.24 and ES 201 235 speak of."""

from __future__ import annotations

import math

import numpy as np

from firmware.simulator.generators.levels import Sound, amplitude

ROWS_HZ = (697.0, 770.0, 852.0, 941.0)
COLUMNS_HZ = (1209.0, 1336.0, 1477.0, 1633.0)
KEYS = ("123A", "456B", "789C", "*0#D")
DIGITS = "".join(KEYS)


def frequencies(digit: str) -> tuple[float, float]:
    """Row and column frequency of a digit, in Hz. Raises ValueError for anything else."""
    for row, keys in zip(ROWS_HZ, KEYS, strict=True):
        if len(digit) == 1 and digit in keys:
            return row, COLUMNS_HZ[keys.index(digit)]
    raise ValueError(f"not a DTMF digit: {digit!r}; expected one of {DIGITS}")


def pair(
    digit: str,
    rate: int,
    on_ms: float = 80.0,
    level_dbm0: float = -8.0,
    twist_db: float = 0.0,
    deviation: float = 0.0,
    rise_ms: float = 1.0,
) -> Sound:
    """One digit, (on_ms * rate / 1000,) samples.

    `level_dbm0` is that of both tones together; `twist_db` is column over row; `deviation` moves
    both frequencies by this share (0.015 is 1.5 %); `rise_ms` is a raised-cosine rise and fall
    inside the `on_ms`.
    """
    row, column = frequencies(digit)
    count = round(on_ms * rate / 1000.0)
    ratio = 10.0 ** (twist_db / 10.0)
    low = amplitude(level_dbm0 - 10.0 * math.log10(1.0 + ratio))
    high = amplitude(level_dbm0 + 10.0 * math.log10(ratio / (1.0 + ratio)))
    angle = 2.0 * math.pi * (1.0 + deviation) * np.arange(count) / rate
    sound: Sound = low * np.sin(angle * row) + high * np.sin(angle * column)
    return shaped(sound, rate, rise_ms)


def sequence(
    digits: str,
    rate: int,
    on_ms: float = 80.0,
    off_ms: float = 80.0,
    level_dbm0: float = -8.0,
    twist_db: float = 0.0,
    deviation: float = 0.0,
) -> Sound:
    """Digits, each followed by its pause; digit k starts at k * (on_ms + off_ms), never adrift."""
    step = (on_ms + off_ms) * rate / 1000.0
    sound = np.zeros(round(step * len(digits)))
    for number, digit in enumerate(digits):
        tones = pair(digit, rate, on_ms, level_dbm0, twist_db, deviation)
        first = round(step * number)
        end = min(first + len(tones), len(sound))
        sound[first:end] = tones[: end - first]
    return sound


def shaped(sound: Sound, rate: int, rise_ms: float) -> Sound:
    """The sound with a raised-cosine rise and fall of `rise_ms` each."""
    count = min(round(rise_ms * rate / 1000.0), len(sound) // 2)
    if count > 0:
        ramp = 0.5 - 0.5 * np.cos(math.pi * (np.arange(count) + 0.5) / count)
        sound[:count] *= ramp
        sound[-count:] *= ramp[::-1]
    return sound
