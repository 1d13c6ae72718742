"""Echo, gaps and A-law do what they say, and nothing else."""

import numpy as np
import pytest

from firmware.simulator.generators.channel import a_law, dropout, echo
from firmware.simulator.generators.levels import amplitude, level_dbm0

RATE = 8000


def test_an_echo_is_the_sound_once_more_later_and_weaker() -> None:
    sound = np.zeros(1000)
    sound[100] = 1.0
    heard = echo(sound, RATE, 0.010, 20.0)
    assert heard[100] == 1.0
    assert heard[180] == pytest.approx(0.1)
    assert np.count_nonzero(heard) == 2
    assert np.array_equal(echo(sound, RATE, 1.0, 20.0), sound)


def test_a_dropout_is_silence_for_its_time() -> None:
    heard = dropout(np.ones(1000), RATE, 0.05)
    assert np.flatnonzero(heard == 0).tolist() == list(range(400, 480))


@pytest.mark.parametrize("level", [0.0, -10.0, -20.0, -30.0])
def test_a_law_keeps_the_level_and_adds_noise_38_decibels_below(level: float) -> None:
    sound = amplitude(level) * np.sin(2 * np.pi * 1004 / RATE * np.arange(RATE))
    heard = a_law(sound)
    assert level_dbm0(heard) == pytest.approx(level, abs=0.1)
    below = level - level_dbm0(heard - sound)
    assert 33.0 < below < 42.0


def test_a_law_has_eight_segments_of_sixteen_steps_for_each_sign() -> None:
    values = np.unique(a_law(np.linspace(-1, 1, 100_001)))
    assert len(values) == 256
    assert np.array_equal(a_law(values), values)
