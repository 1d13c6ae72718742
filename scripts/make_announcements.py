"""Makes the announcements with espeak-ng; run it when a sentence changes.

python scripts/make_announcements.py
"""

from __future__ import annotations

import sys

import soundfile

from firmware.audio.announce import FOLDER
from scripts.make_voices import RATE, Line, spoken

LINES = (
    Line("pl", "pl+f2", 50, 150, "Ta rozmowa jest nagrywana."),
    Line("en", "en-gb+f4", 50, 150, "This call is being recorded."),
)


def main() -> int:
    """Write both."""
    for line in LINES:
        sound = spoken(line)
        sound *= 0.5 / abs(sound).max()
        soundfile.write(FOLDER / f"{line.name}.flac", sound, RATE, subtype="PCM_16")
        print(f"{line.name}: {len(sound) / RATE:.2f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
