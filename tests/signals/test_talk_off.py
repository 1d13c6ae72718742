"""Voices are no digits: every English prompt of Debian's asterisk, at three levels.

All languages and the music are in `make bench AREA=dtmf`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from firmware.simulator.generators.levels import active_level_dbm0, to_int16
from tests.support.digits import RATE, dialled, heard

PROMPTS = Path("/usr/share/asterisk/sounds/en_US_f_Allison")


@pytest.fixture(scope="module")
def prompts() -> np.ndarray:
    """All of them end to end, 0.2 s apart, each at -20 dBm0 while active."""
    parts = []
    for path in sorted(PROMPTS.rglob("*.wav")):
        samples, rate = soundfile.read(path, dtype="float32")
        assert rate == RATE
        gain = 10 ** ((-20 - active_level_dbm0(samples, RATE)) / 20)
        parts += [samples * np.float32(gain), np.zeros(RATE // 5, np.float32)]
    assert len(parts) > 1000
    return np.concatenate(parts)


@pytest.mark.parametrize("level", [-30, -20, -10])
def test_no_prompt_is_taken_for_a_digit(prompts: np.ndarray, level: float) -> None:
    played = to_int16(prompts * 10 ** ((level + 20) / 20)) / np.float32(32768)
    assert heard(played) == ""


def test_digits_are_heard_among_the_prompts(prompts: np.ndarray) -> None:
    digits = dialled("0123456789", level=-10)
    parts = [prompts[place : place + 3 * RATE] for place in range(0, 60 * RATE, 6 * RATE)]
    mixed = np.concatenate([np.concatenate((one, digits)) for one in parts])
    assert heard(mixed) == "0123456789" * len(parts)


def test_digits_are_heard_beside_a_voice_15_db_weaker(prompts: np.ndarray) -> None:
    sent = "0123456789*#ABCD" * 10
    sound = dialled(sent, level=-10)
    voice = prompts[60 * RATE : 60 * RATE + len(sound)] * 10 ** ((-25 + 20) / 20)
    assert heard(sound + voice) == sent
