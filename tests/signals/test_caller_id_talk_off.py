"""Speech is no caller ID: not one message, not one "not decoded", in Debian's recorded prompts.

`make bench AREA=caller_id` does the same with every language and the music on hold.
"""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from firmware.signals.caller_id import CallerIdDecoder
from firmware.simulator.generators.levels import rms

SOUNDS = Path("/usr/share/asterisk/sounds")


@pytest.mark.parametrize("level", [-30.0, -20.0, -10.0])
def test_recorded_prompts_are_no_caller_id(level: float) -> None:
    paths = sorted(SOUNDS.rglob("*.wav"))
    assert len(paths) > 300
    for path in paths[::2]:
        sound, rate = soundfile.read(path, dtype="float32")
        assert rate == 8000
        if len(sound) == 0:
            continue
        effective = float(np.sqrt(np.mean(np.square(sound)))) + 1e-9
        decoder = CallerIdDecoder()
        played = np.clip(sound * np.float32(rms(level) / effective), -1, 1)
        assert decoder.feed(played) + decoder.flush() == [], path
