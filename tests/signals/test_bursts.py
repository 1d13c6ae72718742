"""The burst finder passes on what may be caller ID, and holds no more than it must."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.signals.bursts import LONGEST_BLOCKS, Burst, BurstFinder
from firmware.simulator.generators import caller_id as exchange
from firmware.simulator.generators.fsk import BELLCORE, V23, burst_bits, modulate

RATE = 8000
MESSAGE = exchange.mdmf("11231430", "2212345678", "JAN KOWALSKI")


def line(modulation=BELLCORE, level: float = -13.5, pause: int = RATE) -> np.ndarray:
    burst = modulate(burst_bits(MESSAGE), RATE, modulation, level)
    return np.concatenate((np.zeros(RATE), burst, np.zeros(pause))).astype(np.float32)


def found(samples: np.ndarray, chunk: int | None = None) -> list[Burst]:
    finder = BurstFinder()
    bursts: list[Burst] = []
    for first in range(0, len(samples), chunk or len(samples)):
        bursts += finder.feed(samples[first : first + (chunk or len(samples))])
    return bursts + finder.flush()


@pytest.mark.parametrize("modulation", [BELLCORE, V23])
@pytest.mark.parametrize("level", [0.0, -13.5, -40.0])
def test_a_burst_is_handed_on_whole(modulation, level: float) -> None:
    [burst] = found(line(modulation, level))
    sent = len(line()) - 2 * RATE
    assert burst.start <= RATE
    assert burst.start + len(burst.samples) >= RATE + sent
    assert burst.began == pytest.approx(RATE, abs=240)


def test_a_message_without_seizure_is_handed_on_with_its_mark() -> None:
    burst = modulate(burst_bits(MESSAGE, seizure=0, mark=80), RATE)
    samples = np.concatenate((np.zeros(RATE), burst, np.zeros(RATE))).astype(np.float32)
    [got] = found(samples)
    assert got.start <= RATE


def test_silence_noise_hum_and_dial_tone_are_nothing() -> None:
    random = np.random.default_rng(1)
    time = np.arange(60 * RATE) / RATE
    for sound in (
        np.zeros(60 * RATE),
        random.normal(0, 0.1, 60 * RATE),
        0.5 * np.sin(2 * np.pi * 50 * time),
        0.2 * np.sin(2 * np.pi * 425 * time),
        0.1 * np.sin(2 * np.pi * 350 * time) + 0.1 * np.sin(2 * np.pi * 440 * time),
    ):
        assert found(sound.astype(np.float32)) == []


@settings(deadline=None, max_examples=25)
@given(st.lists(st.integers(0, 900), min_size=1, max_size=30), st.integers(0, 2**32 - 1))
def test_no_cut_of_the_stream_changes_what_is_handed_on(cuts: list[int], seed: int) -> None:
    random = np.random.default_rng(seed)
    samples = line(pause=4000) + random.normal(0, 0.03, len(line(pause=4000)))
    samples = np.tile(samples.astype(np.float32), 2)
    finder, cut = BurstFinder(), []
    at, turn = 0, 0
    while at < len(samples):
        size = cuts[turn % len(cuts)] + (1 if sum(cuts) == 0 else 0)
        cut += finder.feed(samples[at : at + size])
        at, turn = at + size, turn + 1
    cut += finder.flush()
    whole = found(samples)
    assert [(one.start, one.began) for one in cut] == [(one.start, one.began) for one in whole]
    for one, other in zip(cut, whole, strict=True):
        assert np.array_equal(one.samples, other.samples)


def test_what_never_ends_is_handed_on_in_parts() -> None:
    bits = np.random.default_rng(2).integers(0, 2, 1200 * 30).astype(np.uint8)
    bursts = found(modulate(bits, RATE).astype(np.float32))
    assert len(bursts) > 3
    assert max(len(one.samples) for one in bursts) <= (LONGEST_BLOCKS + 40) * 80


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30, -1e30])
def test_what_is_no_sample_does_no_harm(value: float) -> None:
    samples = line()
    samples[RATE + 400 : RATE + 410] = value
    for burst in found(samples):
        assert np.isfinite(burst.samples).all()
        assert np.abs(burst.samples).max() <= 1.1


def test_memory_does_not_grow_with_the_stream() -> None:
    random = np.random.default_rng(3)
    bits = random.integers(0, 2, 1200 * 20).astype(np.uint8)
    hour = [random.normal(0, 0.02, 20 * RATE), modulate(bits, RATE)]

    def peak(times: int) -> int:
        finder = BurstFinder()
        tracemalloc.start()
        for turn in range(times):
            sound = hour[turn % 2].astype(np.float32)
            for first in range(0, len(sound), 160):
                finder.feed(sound[first : first + 160])
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak(12) < 1.2 * peak(2)
