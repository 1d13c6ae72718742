"""Makes the simulator's voices with espeak-ng; run it when a sentence changes.

    python scripts/make_voices.py

Two people in Polish and English, 8 kHz mono FLAC, limited to the telephone band of 300-3400 Hz,
active speech at -16 dBm0.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import soundfile
import soxr

from firmware.simulator.generators.levels import Sound, active_level_dbm0
from firmware.simulator.voices import FOLDER

RATE = 8000
LEVEL_DBM0 = -16.0
BAND_HZ = (300.0, 3400.0)
MARGIN_S = 0.05


@dataclass(frozen=True, slots=True)
class Line:
    """One person's sentence: espeak-ng's voice, pitch (0-99) and speed (words a minute)."""

    name: str
    voice: str
    pitch: int
    speed: int
    text: str


LINES = (
    Line(
        "pl-collector",
        "pl+m3",
        35,
        165,
        "Dzień dobry, dzwonię w sprawie zaległej faktury na trzysta dwadzieścia złotych. "
        "Kiedy możemy spodziewać się wpłaty?",
    ),
    Line(
        "pl-owner",
        "pl+f2",
        55,
        165,
        "Tę fakturę opłaciłam w poniedziałek. Proszę sprawdzić numer konta "
        "i przysłać mi potwierdzenie na piśmie.",
    ),
    Line("pl-owner-hello", "pl+f2", 55, 165, "Halo, słucham?"),
    Line("pl-owner-reply", "pl+f2", 55, 175, "Dzień dobry. Ta rozmowa jest nagrywana."),
    Line(
        "en-collector",
        "en-gb+m4",
        40,
        165,
        "Good morning, I am calling about an unpaid invoice of eighty pounds. "
        "Could you tell me when we may expect your payment?",
    ),
    Line(
        "en-owner",
        "en-us+f4",
        50,
        165,
        "I paid that invoice on Monday. Please check the account number, "
        "and send me a confirmation in writing.",
    ),
    Line("en-owner-hello", "en-us+f4", 50, 160, "Hello, who is speaking?"),
    Line("en-collector-hello", "en-gb+m4", 40, 175, "Hello, I am calling about your invoice."),
)


def spoken(line: Line) -> Sound:
    """The sentence, (n,) samples at 8 kHz, before its level is set."""
    command = ["espeak-ng", "-v", line.voice, "-p", str(line.pitch), "-s", str(line.speed)]
    done = subprocess.run([*command, "--stdout", line.text], check=True, capture_output=True)
    data, rate = soundfile.read(io.BytesIO(done.stdout), dtype="float64")
    return band_limited(trimmed(np.asarray(soxr.resample(data, rate, RATE))))


def trimmed(sound: Sound) -> Sound:
    """Without the silence before and after, but for a margin."""
    loud = np.flatnonzero(np.abs(sound) > 0.01 * np.abs(sound).max())
    margin = round(MARGIN_S * RATE)
    return sound[max(0, loud[0] - margin) : loud[-1] + margin]


def band_limited(sound: Sound) -> Sound:
    """What a telephone lets through."""
    spectrum = np.fft.rfft(sound)
    hertz = np.fft.rfftfreq(len(sound), 1.0 / RATE)
    spectrum[(hertz < BAND_HZ[0]) | (hertz > BAND_HZ[1])] = 0.0
    return np.fft.irfft(spectrum, len(sound))


def main() -> int:
    """Write every voice and print its length, level and size."""
    if shutil.which("espeak-ng") is None:
        print("make_voices: needs the Debian package espeak-ng (speech)", file=sys.stderr)
        return 1
    FOLDER.mkdir(exist_ok=True)
    total = 0
    for line in LINES:
        sound = spoken(line)
        sound *= 10.0 ** ((LEVEL_DBM0 - active_level_dbm0(sound, RATE)) / 20.0)
        path = FOLDER / f"{line.name}.flac"
        soundfile.write(path, sound, RATE, subtype="PCM_16")
        size = path.stat().st_size
        total += size
        peak = float(np.abs(sound).max())
        print(f"{line.name:20} {len(sound) / RATE:5.2f} s  peak {peak:.2f}  {size:7} bytes")
    print(f"{'all':20} {total:25} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
