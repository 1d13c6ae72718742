"""Levels are what G.711 and P.56 say."""

import numpy as np
import pytest

from firmware.simulator.generators.levels import (
    active_level_dbm0,
    amplitude,
    level_dbm0,
    rms,
    to_int16,
)


def sine(peak: float, count: int = 8000) -> np.ndarray:
    return peak * np.sin(2 * np.pi * 1000.3 * np.arange(count) / 8000)


def test_a_full_scale_sine_is_3_14_dbm0() -> None:
    assert level_dbm0(sine(1.0)) == pytest.approx(3.14, abs=0.01)
    assert amplitude(3.14) == pytest.approx(1.0)


@pytest.mark.parametrize("level", [0.0, -13.5, -45.0])
def test_a_sine_of_a_level_is_measured_at_that_level(level: float) -> None:
    assert level_dbm0(sine(amplitude(level))) == pytest.approx(level, abs=0.01)
    assert np.sqrt(np.mean(sine(amplitude(level)) ** 2)) == pytest.approx(rms(level), rel=0.01)


def test_pauses_do_not_lower_the_active_level() -> None:
    speech = np.concatenate([sine(amplitude(-16.0)), np.zeros(24000), sine(amplitude(-16.0))])
    assert active_level_dbm0(speech, 8000) == pytest.approx(-16.0, abs=0.1)
    assert level_dbm0(speech) == pytest.approx(-20.0, abs=0.1)


def test_nothing_has_the_level_of_silence() -> None:
    assert level_dbm0(np.zeros(0)) == level_dbm0(np.zeros(100)) == -120.0
    assert active_level_dbm0(np.zeros(1000), 8000) == -120.0


def test_too_loud_is_clipped_and_not_wrapped() -> None:
    assert to_int16(np.array([1.5, 1.0, -1.5, 0.5])).tolist() == [32767, 32767, -32768, 16384]
