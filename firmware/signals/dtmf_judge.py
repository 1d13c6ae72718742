"""What makes a digit of what was measured: every rule of Q.24 and of ES 201 235-3, and no voice.

A digit leaves nothing beside its two tones, or noise, which is the same at all frequencies; a
voice leaves its other harmonics. The limits stand between what digits show in noise of -2 dB and
what 160 minutes of recorded voices and music show (`make bench AREA=dtmf`).
"""

from __future__ import annotations

from dataclasses import dataclass

RATE = 8000
SHORTEST_MS = 28.5  # accept from 35 ms, reject below 23 ms (ES 201 235-3)
MAX_DEVIATION = 0.026  # accept 1.8 %, reject 3.5 % (Q.24)
MAX_ROW_OVER_COLUMN_DB = 12.0  # accept 10, reject 14
MAX_COLUMN_OVER_ROW_DB = 9.5  # accept 6, reject 14
MIN_LEVEL_DBM0 = -49.5  # accept -45, reject -55
PURE = 0.9
VOICE = 0.06  # this much purer where there is power below the tones, as voices have
MAX_UNEVEN = 0.6


@dataclass(frozen=True, slots=True)
class Sounding:
    """What was measured of one sounding of a key; `start` and `end` in samples of the stretch.

    `opened`, `unended`: it sounded already, or still, near the edge of the stretch; `throughout`:
    from the very first to the very last of it. `deviation`: that of the worse tone, as a share of
    its frequency. `uneven`: standard deviation over mean of the power of the worse tone. `share`:
    how much of the power above 565 Hz is in the two tones. The rest is measured only where that
    share leaves a doubt:

    `around`: power at the two frequencies just outside, as a share of that inside. `flat`:
    geometric over arithmetic mean of the spectrum of the rest, 0.56 for white noise. `noisy`: how
    much more uneven it is than noise of the power of the rest would make it. `weaker_db`: energy
    of the weaker tone over the density of the rest. `clipped`: share of samples at the greatest
    value. `below`: power below 565 Hz over that of the tones.
    """

    start: int
    end: int
    opened: bool
    unended: bool
    throughout: bool
    deviation: float = 9.0
    uneven: float = 9.0
    share: float = 0.0
    twist_db: float = 99.0
    level_dbm0: float = -99.0
    around: float = 9.0
    flat: float = 0.0
    noisy: float = 9.0
    weaker_db: float = -99.0
    clipped: float = 0.0
    below: float = 0.0

    @property
    def long_enough(self) -> bool:
        """Whether it lasts as long as a digit must."""
        return (self.end - self.start) * 1000 >= SHORTEST_MS * RATE


def is_digit(one: Sounding, whole: bool = True) -> bool:
    """Whether a sounding is a digit; `whole`: from its start to its end, else a part of a longer
    one, which may be any length."""
    if whole and (not one.long_enough or one.throughout):
        return False
    if one.deviation > MAX_DEVIATION or one.level_dbm0 < MIN_LEVEL_DBM0:
        return False
    if not -MAX_ROW_OVER_COLUMN_DB <= one.twist_db <= MAX_COLUMN_OVER_ROW_DB:
        return False
    return _is_pure(one) or _is_clipped(one) or _is_in_noise(one)


def _is_pure(one: Sounding) -> bool:
    # a voice has its fundamental below the band; a dial tone or hum leaves the band clean
    if one.share >= PURE + VOICE * min(1.0, one.below / 0.3):
        return one.uneven < MAX_UNEVEN
    # beside a voice: what a quartz made, steady, and gone at its edges
    steady = one.deviation < 0.006 and one.uneven < 0.25
    return one.share >= 0.82 and steady and one.around < 0.06


def _is_clipped(one: Sounding) -> bool:
    return one.clipped > 0.2 and one.share > 0.75 and one.uneven < 0.3


def _is_in_noise(one: Sounding) -> bool:
    return one.flat > 0.38 and one.weaker_db > 16.5 and one.noisy < 2.6
