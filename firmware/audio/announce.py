"""What is played into the line: the spoken announcement and the beep, at a bounded level.

The bound is that of the telephone network for everything that is not live speech: -9 dBm into 600
ohm, averaged over any 3 s (47 CFR 68.308, now ANSI/TIA-968). 0 dBm0 of a sample is `gain_db` dBm on
the line, as the board's profile says; 0 where it is not known.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from firmware.audio.errors import AudioError
from firmware.audio.frames import Samples

FOLDER = Path(__file__).parent / "announcements"
LANGUAGES = ("pl", "en")
BEEP_HZ, BEEP_S = 1400.0, 0.5
RAMP_S = 0.005
LIMIT_DBM = -9.0
MARGIN_DB = 0.5
WINDOW_S = 3.0
FULL_SCALE_SINE_DBM0 = 3.14
LONGEST_S, SHORTEST_S = 20.0, 0.3


class AnnouncementUnusable(AudioError):
    """The owner's WAV cannot be played. `code`: no-sound-file, length, damaged or silent."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


def beep(rate: int, gain_db: float = 0.0) -> Samples:
    """(n,) int16: 1400 Hz for half a second, with ramps that do not click."""
    count = round(BEEP_S * rate)
    tone = np.sin(2 * np.pi * BEEP_HZ * np.arange(count) / rate)
    ramp = np.minimum(1.0, np.arange(count) / (RAMP_S * rate))
    return bounded(tone * ramp * ramp[::-1], rate, gain_db)


def announcement(language: str, rate: int, gain_db: float = 0.0) -> Samples:
    """The announcement that comes with the box, "pl" or "en"."""
    return _read(FOLDER / f"{language}.flac", rate, gain_db)


def own_announcement(path: Path, rate: int, gain_db: float = 0.0) -> Samples:
    """The owner's WAV (or FLAC). Raises AnnouncementUnusable, saying what is wrong with it."""
    import soundfile

    try:
        facts = soundfile.info(path)
    except (RuntimeError, OSError) as error:
        raise AnnouncementUnusable(
            "no-sound-file",
            f"{path.name}: this is no sound file that can be played. Save it as a WAV (PCM).",
        ) from error
    if not SHORTEST_S <= facts.duration <= LONGEST_S:
        raise AnnouncementUnusable(
            "length",
            f"{path.name}: an announcement takes {SHORTEST_S:g} to {LONGEST_S:g} seconds; this one"
            f" takes {facts.duration:.1f}.",
        )
    return _read(path, rate, gain_db)


def _read(path: Path, rate: int, gain_db: float) -> Samples:
    import soundfile
    import soxr

    try:
        data, own = soundfile.read(path, dtype="float64", always_2d=True)
    except (RuntimeError, OSError) as error:
        why = f"{path.name}: it is damaged and cannot be played."
        raise AnnouncementUnusable("damaged", why) from error
    mono = np.nan_to_num(data.mean(axis=1))
    sound = mono if own == rate else np.asarray(soxr.resample(mono, own, rate))
    if len(sound) == 0 or float(np.max(np.abs(sound))) < 1e-3:
        raise AnnouncementUnusable("silent", f"{path.name}: it is silent.")
    return bounded(sound, rate, gain_db)


def loudest_dbm(samples: NDArray[np.floating], rate: int, gain_db: float = 0.0) -> float:
    """The loudest 3 s of (n,) samples (full scale 1), in dBm on the line; what is shorter is
    averaged over 3 s too, because silence is on both sides of it."""
    window = round(WINDOW_S * rate)
    energy = np.concatenate(([0.0], np.cumsum(np.square(samples, dtype=np.float64))))
    ends = np.minimum(np.arange(window, len(energy) + window), len(energy) - 1)
    power = float(np.max(energy[ends] - energy)) / window
    if power <= 1e-12:
        return -120.0
    return 10 * math.log10(2 * power) + FULL_SCALE_SINE_DBM0 + gain_db


def bounded(samples: NDArray[np.floating], rate: int, gain_db: float = 0.0) -> Samples:
    """(n,) int16 as loud as may be: half a decibel below the bound, and never clipped."""
    raw = np.asarray(samples, np.float64)
    change = LIMIT_DBM - MARGIN_DB - loudest_dbm(raw, rate, gain_db)
    scaled = raw * 10 ** (change / 20)
    peak = float(np.max(np.abs(scaled))) if len(scaled) else 0.0
    if peak > 0.9:
        scaled *= 0.9 / peak
    made: Samples = np.rint(scaled * 32767).astype(np.int16)
    return made
