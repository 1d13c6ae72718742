"""The recorded voices: two people in two languages, or any sound file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
import soxr

from firmware.simulator.errors import SimulatorError
from firmware.simulator.generators.levels import Sound, active_level_dbm0

FOLDER = Path(__file__).with_name("voices")


class UnknownVoice(SimulatorError):
    """Neither a built-in voice nor a sound file."""


def voice_names() -> list[str]:
    """The built-in voices, sorted."""
    return sorted(path.stem for path in FOLDER.glob("*.flac"))


def find_voice(name: str, folder: Path) -> Path:
    """The file of a voice: a built-in name first, then a path, relative to `folder`."""
    if name in voice_names():
        return FOLDER / f"{name}.flac"
    path = folder / name
    if path.is_file():
        return path
    raise UnknownVoice(
        f"voice: expected a sound file or one of {', '.join(voice_names())}; found {name!r}"
    )


def load_voice(path: Path, rate: int, level: float) -> Sound:
    """(n,) samples at `rate`, the first channel, its active speech at `level` dBm0."""
    try:
        data, own = soundfile.read(path, dtype="float64", always_2d=True)
    except (OSError, soundfile.SoundFileError) as error:
        raise UnknownVoice(f"voice: {path} cannot be read: {error}") from error
    sound: Sound = np.asarray(data[:, 0])
    if own != rate:
        sound = np.asarray(soxr.resample(sound, own, rate))
    gain: float = 10.0 ** ((level - active_level_dbm0(sound, rate)) / 20.0)
    return gain * sound
