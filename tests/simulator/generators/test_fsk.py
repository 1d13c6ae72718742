"""FSK: read back here by the instantaneous frequency alone, bit by bit."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.simulator.generators.fsk import (
    BELLCORE,
    V23,
    Modulation,
    burst_bits,
    framed,
    modulate,
)
from firmware.simulator.generators.levels import amplitude, level_dbm0

FINE = 96_000


def instantaneous_hertz(sound: np.ndarray, rate: int) -> np.ndarray:
    """From the analytic signal, (n - 1,) Hz."""
    spectrum = np.fft.fft(sound)
    spectrum[len(sound) // 2 :] = 0
    phase = np.unwrap(np.angle(np.fft.ifft(spectrum)))
    return np.diff(phase) * rate / (2 * math.pi)


def read_bits(sound: np.ndarray, rate: int, count: int, modulation: Modulation) -> list[int]:
    hertz = instantaneous_hertz(sound, rate)
    middle = (modulation.mark_hz + modulation.space_hz) / 2
    at = ((np.arange(count) + 0.5) * rate / 1200).astype(int)
    return [int(value < middle) for value in hertz[at]]


@pytest.mark.parametrize("modulation", [BELLCORE, V23])
@pytest.mark.parametrize("rate", [8000, 16000, FINE])
def test_every_bit_stands_at_its_own_time(modulation: Modulation, rate: int) -> None:
    bits = np.random.default_rng(1).integers(0, 2, 1200).astype(np.uint8)
    sound = modulate(bits, rate, modulation)
    assert len(sound) == rate
    assert read_bits(sound, rate, 1200, modulation)[2:-2] == bits.tolist()[2:-2]


@pytest.mark.parametrize(
    ("modulation", "mark", "space"), [(BELLCORE, 1200, 2200), (V23, 1300, 2100)]
)
def test_mark_and_space_have_the_frequencies_of_the_standard(
    modulation: Modulation, mark: int, space: int
) -> None:
    for bit, hertz in ((1, mark), (0, space)):
        sound = modulate(np.full(1200, bit, np.uint8), 8000, modulation)
        assert int(np.abs(np.fft.rfft(sound)).argmax()) == hertz


def test_a_bit_is_one_1200th_of_a_second_to_the_microsecond() -> None:
    bits = np.tile(np.array([1, 1, 0, 0], np.uint8), 150)
    sound = modulate(bits, FINE, Modulation(1200.0, 2400.0))
    rising = np.flatnonzero((sound[:-1] < -1e-9) & (sound[1:] >= -1e-9))
    assert len(rising) == pytest.approx(600 * 1.5, abs=1)
    assert len(sound) == 600 * 80


def test_the_phase_never_jumps() -> None:
    bits = np.random.default_rng(2).integers(0, 2, 2000).astype(np.uint8)
    sound = modulate(bits, 8000, level_dbm0=0.0)
    steepest = amplitude(0.0) * 2 * math.pi * 2200 / 8000
    assert np.abs(np.diff(sound)).max() <= steepest + 1e-9


@pytest.mark.parametrize("level", [0.0, -13.5, -36.0])
def test_the_level_is_as_asked(level: float) -> None:
    bits = burst_bits(b"level" * 10)
    assert level_dbm0(modulate(bits, 8000, V23, level)) == pytest.approx(level, abs=0.1)


def test_twist_raises_the_space_only() -> None:
    for bit, level in ((1, -13.5), (0, -7.5)):
        sound = modulate(np.full(1200, bit, np.uint8), 8000, twist_db=6.0)
        assert level_dbm0(sound) == pytest.approx(level, abs=0.1)


def test_a_byte_is_start_bit_eight_bits_from_the_lowest_and_stop_bit() -> None:
    assert framed(b"\x04").tolist() == [0, 0, 0, 1, 0, 0, 0, 0, 0, 1]
    assert framed(b"\x80", stuffing=2).tolist() == [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1]
    assert len(framed(b"")) == 0


def test_a_burst_is_seizure_then_mark_then_message() -> None:
    bits = burst_bits(b"\xff", seizure=300, mark=180)
    assert bits[:300].tolist() == [0, 1] * 150
    assert bits[300:480].tolist() == [1] * 180
    assert bits[480:].tolist() == [0] + [1] * 9
    assert len(burst_bits(b"\xff", seizure=0, mark=80)) == 90


@settings(max_examples=30, deadline=None)
@given(st.binary(min_size=1, max_size=40))
def test_any_message_can_be_read_back(message: bytes) -> None:
    bits = burst_bits(message, seizure=20, mark=20)
    sound = modulate(np.append(bits, np.ones(4, np.uint8)), 8000, V23)
    words = read_bits(sound, 8000, len(bits), V23)[40:]
    found = bytes(
        sum(bit << place for place, bit in enumerate(words[at + 1 : at + 9]))
        for at in range(0, len(words), 10)
    )
    assert found == message
