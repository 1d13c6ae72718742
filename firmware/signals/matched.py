"""A matched filter: whether a known sound is in a recording, from where on, and how loud.

Both are whitened first (each frequency counts by its phase alone), so that a loud voice or hum at
some frequencies does not hide the sound at the others. A sound of T seconds in W Hz gains
10 log10(2 T W) dB over noise: 40 dB for two seconds of speech.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

BAND_HZ = (300.0, 3400.0)
THRESHOLD = 12.0
"""Peak over the spread of all other places; noise alone reaches about 6 in an hour."""
FULL_SCALE_SINE_DBM0 = 3.14


@dataclass(frozen=True, slots=True)
class Match:
    """`start`: the sample it begins at; `score`: how far it stands out; `level_dbm0`: its own."""

    start: int
    score: float
    level_dbm0: float

    @property
    def found(self) -> bool:
        """Whether it is there, beyond doubt."""
        return self.score >= THRESHOLD


def find(recording: Floats, sound: Floats, rate: int) -> Match | None:
    """The best place of `sound`, (m,) samples, in `recording`, (n,) samples, full scale 1.

    None where the recording is shorter than the sound, or one of them is silent.
    """
    count, length = len(recording), len(sound)
    if length < rate // 10 or count < length:
        return None
    size = 1 << (count + length - 1).bit_length()
    heard = np.fft.rfft(np.asarray(recording, np.float64), size)
    known = np.fft.rfft(np.asarray(sound, np.float64), size)
    hertz = np.fft.rfftfreq(size, 1.0 / rate)
    inside = (hertz >= BAND_HZ[0]) & (hertz <= min(BAND_HZ[1], 0.45 * rate))
    if not np.any(np.abs(heard[inside]) > 0) or not np.any(np.abs(known[inside]) > 0):
        return None
    white = np.zeros_like(heard)
    white[inside] = _phase(heard[inside]) * np.conj(_phase(known[inside]))
    places = np.fft.irfft(white, size)[: count - length + 1]
    start = int(np.argmax(places))
    others = np.concatenate((places[: max(0, start - 40)], places[start + 40 :]))
    spread = float(np.median(np.abs(others))) / 0.6745 if len(others) > 100 else 0.0
    if spread <= 0.0:
        spread = float(np.sqrt(np.mean(np.square(places)))) or 1.0
    score = float(places[start]) / spread
    return Match(start, score, _level(recording, sound, start))


def _phase(spectrum: NDArray[np.complex128]) -> NDArray[np.complex128]:
    size = np.abs(spectrum)
    made: NDArray[np.complex128] = spectrum / np.maximum(size, 1e-9 * float(size.max()))
    return made


def _level(recording: Floats, sound: Floats, start: int) -> float:
    """The sound's level there: its own level and how much of it is in the recording."""
    part = np.asarray(recording[start : start + len(sound)], np.float64)
    known = np.asarray(sound, np.float64)
    energy = float(known @ known)
    gain = abs(float(part @ known)) / energy
    power = gain * gain * energy / len(known)
    if power <= 1e-12:
        return -120.0
    return 10 * math.log10(2 * power) + FULL_SCALE_SINE_DBM0


def find_tone(recording: Floats, hertz: float, seconds: float, rate: int) -> Match | None:
    """The best place of a pure tone. `score`: 20 times the part of the window's power that is at
    this frequency, so that `found` wants 60 %."""
    length = round(seconds * rate)
    if len(recording) < length:
        return None
    signal = np.asarray(recording, np.float64)
    turned = signal * np.exp(-2j * np.pi * hertz * np.arange(len(signal)) / rate)
    sums = np.concatenate(([0.0], np.cumsum(turned)))
    energy = np.concatenate(([0.0], np.cumsum(np.square(signal))))
    tone = np.abs(sums[length:] - sums[:-length]) ** 2 * 2 / length
    whole = energy[length:] - energy[:-length]
    part = tone / np.maximum(whole, 1e-9 * length)
    start = int(np.argmax(part))
    power = float(tone[start]) / length
    level = -120.0 if power <= 1e-12 else 10 * math.log10(2 * power) + FULL_SCALE_SINE_DBM0
    return Match(start, 20.0 * float(part[start]), level)
