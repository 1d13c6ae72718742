"""Noise, hum and ringing are at their levels."""

import numpy as np
import pytest

from firmware.simulator.generators.levels import level_dbm0
from firmware.simulator.generators.line import click, hum, noise, ringing


@pytest.mark.parametrize("level", [-20.0, -65.0])
def test_noise_has_its_level_and_is_white(level: float) -> None:
    sound = noise(400_000, level, np.random.default_rng(3))
    assert level_dbm0(sound) == pytest.approx(level, abs=0.1)
    power = np.abs(np.fft.rfft(sound)) ** 2
    bands = [part.mean() for part in np.array_split(power[1:], 8)]
    assert max(bands) / min(bands) < 1.1


def test_hum_is_mostly_mains_and_at_its_level() -> None:
    sound = hum(80_000, 8000, -30.0)
    assert level_dbm0(sound) == pytest.approx(-30.0, abs=0.1)
    power = np.abs(np.fft.rfft(sound))
    assert np.flatnonzero(power > 0.05 * power.max()).tolist() == [500, 1500, 2500, 3500]


def test_ringing_is_a_sine_of_its_frequency() -> None:
    sound = ringing(8000, 8000, -30.0, 25.0)
    assert np.abs(np.fft.rfft(sound)).argmax() == 25
    assert level_dbm0(sound) == pytest.approx(-30.0, abs=0.1)


def test_a_click_dies_out_within_ten_milliseconds() -> None:
    sound = click(8000)
    assert len(sound) == 80
    assert abs(sound[-1]) < 0.01 * abs(sound[0])
    assert click(8000, rising=False)[0] == -sound[0]
