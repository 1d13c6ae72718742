"""Digits as an exchange sends them, and what the decoder hears of them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from firmware.events import DtmfDigit
from firmware.signals.dtmf import DtmfDecoder
from firmware.simulator.generators import dtmf
from firmware.simulator.generators.line import noise

RATE = 8000
ALL = "0123456789*#ABCD"
LEVEL_DBM0 = -10.0

Sound = NDArray[np.floating]


def dialled(
    digits: str,
    on: float = 50,
    off: float = 50,
    level: float = LEVEL_DBM0,
    twist: float = 0.0,
    deviation: float = 0.0,
) -> NDArray[np.float64]:
    """100 ms of silence, the digits, 100 ms of silence; `level` is that of both tones together."""
    silence = np.zeros(RATE // 10)
    sound = dtmf.sequence(digits, RATE, on, off, level, twist, deviation)
    return np.concatenate((silence, sound, silence))


def in_noise(sound: Sound, snr_db: float, random: np.random.Generator) -> Sound:
    """The sound with white noise over 0-4 kHz, `snr_db` below LEVEL_DBM0."""
    return sound + noise(len(sound), LEVEL_DBM0 - snr_db, random)


def random_digits(count: int, random: np.random.Generator) -> str:
    """`count` digits of the whole keypad."""
    return "".join(random.choice(list(ALL), count))


def events(sound: Sound, cuts: Iterable[int] = ()) -> list[DtmfDigit]:
    """What a decoder tells of a sound fed in pieces of these sizes, and then the rest."""
    decoder = DtmfDecoder()
    samples = np.asarray(sound, np.float32)
    found, place = [], 0
    for size in cuts:
        found += decoder.feed(samples[place : place + size])
        place += size
    found += decoder.feed(samples[place:])
    found += decoder.flush()
    assert all(isinstance(one, DtmfDigit) for one in found)
    return [one for one in found if isinstance(one, DtmfDigit)]


def heard(sound: Sound) -> str:
    """The digits as text."""
    return "".join(one.digit for one in events(sound))
