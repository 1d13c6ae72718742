"""Levels are dBm0."""

import numpy as np
import pytest

from firmware.audio.levels import rms_dbm0


def test_a_full_scale_sine_is_3_14_dbm0() -> None:
    sine = 32767 * np.sin(2 * np.pi * 1000 * np.arange(8000) / 8000)
    assert rms_dbm0(sine.astype(np.int16)) == pytest.approx(3.14, abs=0.01)


def test_half_the_amplitude_is_6_02_db_less() -> None:
    sine = 16384 * np.sin(2 * np.pi * 1000 * np.arange(8000) / 8000)
    assert rms_dbm0(sine.astype(np.int16)) == pytest.approx(3.14 - 6.02, abs=0.01)


def test_silence_and_nothing_have_a_level() -> None:
    assert rms_dbm0(np.zeros(10, np.int16)) == -90.0
    assert rms_dbm0(np.zeros(0, np.int16)) == -90.0
