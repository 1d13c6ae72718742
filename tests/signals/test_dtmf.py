"""DTMF is heard as the standard says, and nothing else is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.events import DtmfDigit
from firmware.signals.dtmf import DtmfDecoder

RATE = 8000
FREQUENCIES = {
    key: (row, column)
    for row, keys in ((697, "123A"), (770, "456B"), (852, "789C"), (941, "*0#D"))
    for key, column in zip(keys, (1209, 1336, 1477, 1633), strict=True)
}


def tone(digit: str, ms: float, level: float = -10.0, twist: float = 0.0, off: float = 0.0):  # type: ignore[no-untyped-def]
    """`level` in dBm0 of the stronger tone; `twist` is column over row in dB; `off` a fraction."""
    t = np.arange(round(ms * RATE / 1000)) / RATE
    row, column = FREQUENCIES[digit]
    peak = 10 ** ((level - 3.14) / 20)
    row_peak = peak * 10 ** (min(0, -twist) / 20)
    column_peak = peak * 10 ** (min(0, twist) / 20)
    one = row_peak * np.sin(2 * np.pi * row * (1 + off) * t)
    return (one + column_peak * np.sin(2 * np.pi * column * (1 + off) * t)).astype(np.float32)


def dialled(digits: str, on: float = 50, pause: float = 50, **how: float):  # type: ignore[no-untyped-def]
    silence = np.zeros(round(pause * RATE / 1000), np.float32)
    parts = [silence]
    for digit in digits:
        parts += [tone(digit, on, **how), silence]
    return np.concatenate(parts)


def heard(samples, decoder: DtmfDecoder | None = None) -> str:  # type: ignore[no-untyped-def]
    decoder = decoder or DtmfDecoder()
    found = [*decoder.feed(samples), *decoder.flush()]
    return "".join(one.digit for one in found if isinstance(one, DtmfDigit))


ALL = "0123456789*#ABCD"


@pytest.mark.parametrize("on", [40, 50, 80, 500])
def test_every_digit_is_heard_once(on: float) -> None:
    assert heard(dialled(ALL, on=on, pause=40)) == ALL


@pytest.mark.parametrize("level", [0, -10, -25, -40])
def test_levels_of_the_standard_are_accepted(level: float) -> None:
    assert heard(dialled(ALL, level=level - 3)) == ALL


@pytest.mark.parametrize("twist", [-8, -4, 4])
def test_twist_of_the_standard_is_accepted(twist: float) -> None:
    assert heard(dialled(ALL, twist=twist)) == ALL


@pytest.mark.parametrize("off", [-0.015, 0.015])
def test_frequencies_within_one_and_a_half_percent_are_accepted(off: float) -> None:
    assert heard(dialled(ALL, off=off)) == ALL


@pytest.mark.parametrize("off", [-0.035, 0.035, 0.05])
def test_frequencies_three_and_a_half_percent_off_are_rejected(off: float) -> None:
    assert heard(dialled(ALL, off=off)) == ""


def test_short_quiet_and_twisted_tones_are_rejected() -> None:
    assert heard(dialled(ALL, on=22)) == ""
    assert heard(dialled(ALL, level=-58)) == ""
    assert heard(dialled(ALL, twist=14)) == ""
    assert heard(dialled(ALL, twist=-14)) == ""


def test_an_interruption_of_ten_milliseconds_does_not_split_a_digit() -> None:
    samples = dialled("5", on=110)
    samples[800:880] = 0
    assert heard(samples) == "5"


def test_noise_and_odd_samples_give_nothing_and_do_no_harm() -> None:
    noise = np.random.default_rng(1).normal(0, 0.2, 60 * RATE).astype(np.float32)
    assert heard(noise) == ""
    decoder = DtmfDecoder()
    odd = np.array([np.nan, np.inf, -np.inf, 1e30] * 400, np.float32)
    assert heard(odd, decoder) == ""
    assert heard(dialled("42"), decoder) == "42"


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 400), min_size=1, max_size=30), st.sampled_from(["19", "0*D"]))
def test_the_cut_of_the_stream_changes_nothing(cuts: list[int], digits: str) -> None:
    samples = dialled(digits)
    whole = DtmfDecoder()
    expected = [*whole.feed(samples), *whole.flush()]
    cut, found, place = DtmfDecoder(), [], 0
    for size in [*cuts, len(samples)]:
        found += cut.feed(samples[place : place + size])
        place += size
    found += cut.flush()
    assert [(one.start, one.end, one.digit) for one in found] == [
        (one.start, one.end, one.digit) for one in expected
    ]
