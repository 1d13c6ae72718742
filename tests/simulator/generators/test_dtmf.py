"""DTMF has the frequencies, levels and times it was asked for."""

import math

import numpy as np
import pytest

from firmware.simulator.generators.dtmf import DIGITS, frequencies, pair, sequence
from firmware.simulator.generators.levels import FULL_SCALE_DBM0, level_dbm0

RATE = 8000


def peaks(sound: np.ndarray, rate: int = RATE) -> list[float]:
    """The two strongest frequencies, low first, from a long windowed spectrum."""
    count = 1 << 18
    power = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), count))
    hertz = np.fft.rfftfreq(count, 1 / rate)
    first = float(hertz[power.argmax()])
    power[np.abs(hertz - first) < 100] = 0
    return sorted([first, float(hertz[power.argmax()])])


def level_at(sound: np.ndarray, hertz: float, rate: int = RATE) -> float:
    """The level of one frequency, by least squares, in dBm0."""
    angle = 2 * math.pi * hertz * np.arange(len(sound)) / rate
    window = np.hanning(len(sound))
    peak = 2 * abs(np.sum(sound * window * np.exp(-1j * angle))) / window.sum()
    return 20 * math.log10(peak) + FULL_SCALE_DBM0


def test_the_keypad_is_that_of_q23() -> None:
    assert frequencies("1") == (697, 1209)
    assert frequencies("0") == (941, 1336)
    assert frequencies("D") == (941, 1633)
    assert frequencies("6") == (770, 1477)
    assert len(set(map(frequencies, DIGITS))) == 16


@pytest.mark.parametrize("digit", DIGITS)
def test_each_digit_has_its_two_frequencies(digit: str) -> None:
    found = peaks(pair(digit, RATE, on_ms=500))
    assert found == pytest.approx(frequencies(digit), abs=0.5)


@pytest.mark.parametrize("level", [0.0, -8.0, -25.0])
@pytest.mark.parametrize("twist", [-8.0, 0.0, 4.0])
def test_level_is_that_of_the_pair_and_twist_is_column_over_row(level: float, twist: float) -> None:
    sound = pair("5", RATE, 500, level, twist, rise_ms=0)
    assert level_dbm0(sound) == pytest.approx(level, abs=0.1)
    row, column = level_at(sound, 770), level_at(sound, 1336)
    assert column - row == pytest.approx(twist, abs=0.1)


def test_deviation_moves_both_frequencies() -> None:
    assert peaks(pair("9", RATE, 500, deviation=0.018)) == pytest.approx(
        [852 * 1.018, 1477 * 1.018], abs=0.5
    )


def test_digits_stand_at_their_times_without_drift() -> None:
    sound = sequence("1" * 100, RATE, on_ms=33.3, off_ms=33.3)
    assert len(sound) == round(100 * 66.6 * 8)
    loud = np.abs(sound) > 0
    starts = np.flatnonzero(loud[1:] & ~loud[:-1])
    last = starts[starts < round(99 * 66.6 * 8) + 2][-1]
    assert last == pytest.approx(99 * 66.6 * 8, abs=3)


def test_the_pause_is_silent_and_as_long_as_asked() -> None:
    sound = sequence("12", RATE, on_ms=50, off_ms=40)
    assert np.all(sound[400:720] == 0)
    assert level_dbm0(sound[10:390]) == pytest.approx(-8.0, abs=0.3)
    assert np.abs(sound[720:740]).max() > 0.1


def test_anything_but_a_digit_is_refused() -> None:
    for wrong in ("E", "", "12", "#*"):
        with pytest.raises(ValueError, match="not a DTMF digit"):
            frequencies(wrong)
