"""How a stream is cut changes no digit; no samples at all do harm."""

from __future__ import annotations

import sys
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from firmware.events import DtmfDigit
from firmware.signals.dtmf import DtmfDecoder
from firmware.simulator.generators import impairments
from firmware.simulator.generators.dtmf import pair
from tests.support.digits import RATE, dialled, events, heard, in_noise, random_digits


def a_hard_minute(seed: int) -> np.ndarray:
    """Digits clean, in noise, long, quick and spoilt, and noise between them."""
    random = np.random.default_rng(seed)
    parts = [
        dialled(random_digits(4, random)),
        in_noise(dialled(random_digits(12, random)), float(random.uniform(-4, 10)), random),
        pair("8", RATE, 900),
        dialled("3333", on=35, off=35),
        impairments.dropped(pair("4", RATE, 90), RATE, 40, 10),
        in_noise(np.zeros(4000), 10, random),
        in_noise(dialled("0*D", deviation=0.025, twist=-11.5), 12, random),
        np.clip(random.standard_normal(2000) * 3, -1, 1),
    ]
    random.shuffle(parts)
    return np.concatenate(parts)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 3000), max_size=40), st.integers(0, 1000))
def test_the_cut_of_the_stream_changes_nothing(cuts: list[int], seed: int) -> None:
    sound = a_hard_minute(seed)
    assert events(sound, cuts) == events(sound)


@pytest.mark.parametrize("chunk", [1, 7, 160])
def test_samples_one_by_one_give_the_same_as_a_whole_file(chunk: int) -> None:
    sound = a_hard_minute(7)
    whole = events(sound)
    assert len(whole) > 10
    assert events(sound, [chunk] * (len(sound) // chunk)) == whole


def test_what_is_fed_together_with_much_else_is_the_same_too() -> None:
    sound = np.concatenate([a_hard_minute(seed) for seed in range(12)])
    assert len(sound) > 3 * 65536
    assert events(sound, [160] * (len(sound) // 160)) == events(sound)


def test_memory_does_not_grow_with_the_length_of_a_call() -> None:
    decoder = DtmfDecoder()
    sound = a_hard_minute(3).astype(np.float32)
    tone = pair("6", RATE, 20000).astype(np.float32)

    def a_while() -> None:
        for samples in (sound, tone):
            for place in range(0, len(samples), 160):
                decoder.feed(samples[place : place + 160])

    a_while()
    tracemalloc.start()
    try:
        a_while()
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(4):
            a_while()
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 64_000
    assert peak < 2_000_000


def test_a_tone_of_a_minute_is_one_digit() -> None:
    [digit] = events(np.concatenate((np.zeros(800), pair("6", RATE, 60000), np.zeros(800))))
    assert digit.digit == "6"
    assert digit.end - digit.start == pytest.approx(60 * RATE, abs=40)


ODD = {
    "not a number": np.full(4000, np.nan),
    "infinite": np.tile([np.inf, -np.inf], 2000),
    "far too loud": np.full(4000, 1e30),
    "constant": np.full(4000, 0.9),
    "a square wave of full scale": np.sign(np.sin(2 * np.pi * 697 * np.arange(8000) / RATE)),
    "the smallest numbers": np.full(4000, sys.float_info.min),
    "silence": np.zeros(4000),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_samples_are_no_digit_and_do_no_harm(name: str) -> None:
    decoder = DtmfDecoder()
    assert decoder.feed(ODD[name].astype(np.float32)) == []
    found = [*decoder.feed(dialled("42").astype(np.float32)), *decoder.flush()]
    assert [one.digit for one in found if isinstance(one, DtmfDigit)] == ["4", "2"]


@settings(max_examples=40, deadline=None)
@given(
    arrays.arrays(np.float32, st.integers(0, 3000), elements=st.floats(width=32)),
    st.lists(st.integers(0, 500), max_size=8),
)
def test_any_samples_at_all_are_survived(samples: np.ndarray, cuts: list[int]) -> None:
    for digit in events(samples, cuts):
        assert 0 <= digit.start < digit.end <= len(samples)


@settings(max_examples=40, deadline=None)
@given(
    st.text("0123456789*#ABCD", max_size=8),
    st.floats(35, 120),
    st.floats(35, 120),
    st.floats(-40, -3),
    st.floats(-10, 6),
    st.floats(-0.018, 0.018),
)
def test_whatever_the_standard_allows_is_heard(
    digits: str, on: float, off: float, level: float, twist: float, deviation: float
) -> None:
    assert heard(dialled(digits, on, off, level, twist, deviation)) == digits


@settings(max_examples=40, deadline=None)
@given(
    st.text("0123456789*#ABCD", min_size=1, max_size=8),
    st.one_of(st.floats(-0.06, -0.035), st.floats(0.035, 0.06)),
    st.floats(25, 200),
    st.floats(-40, -3),
)
def test_no_tone_off_frequency_is_heard(
    digits: str, deviation: float, on: float, level: float
) -> None:
    assert heard(dialled(digits, on, 50, level, 0.0, deviation)) == ""


@pytest.mark.parametrize("chunk", [1, 50, 160, 701])
@pytest.mark.parametrize("length", [480, 530, 900, 1100])
def test_a_long_digit_with_another_right_behind_it_is_the_same_in_any_cut(
    chunk: int, length: int
) -> None:
    random = np.random.default_rng(length)
    sound = np.concatenate((np.zeros(900), pair("8", RATE, length), pair("4", RATE, 90)))
    sound = in_noise(np.concatenate((sound, np.zeros(900))), 3, random)
    assert events(sound, [chunk] * (len(sound) // chunk)) == events(sound)


def test_the_caller_may_use_its_array_again() -> None:
    sound = dialled("258").astype(np.float32)
    decoder, found, period = DtmfDecoder(), [], np.zeros(160, np.float32)
    for place in range(0, len(sound) - 160, 160):
        period[:] = sound[place : place + 160]
        found += decoder.feed(period)
    found += decoder.flush()
    assert [one.digit for one in found if isinstance(one, DtmfDigit)] == ["2", "5", "8"]
