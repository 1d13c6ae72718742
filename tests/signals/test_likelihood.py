"""Odds of bytes become a message only where they and the checksum agree."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.signals.likelihood import even_parity, judged
from firmware.simulator.generators import caller_id as exchange

MESSAGE = exchange.mdmf("11231430", "2212345678", "JAN KOWALSKI")


def odds_of(message: bytes, margin: float = 60.0) -> np.ndarray:
    """(n, 256) log likelihoods: the bytes of a message, all others `margin` less likely."""
    odds = np.full((len(message), 256), -margin)
    odds[np.arange(len(message)), list(message)] = 0.0
    return odds


def test_a_message_that_is_heard_clearly_is_that_message() -> None:
    verdict = judged(odds_of(MESSAGE))
    assert (verdict.message, verdict.mended, verdict.cost) == (MESSAGE, 0, 0.0)
    assert verdict.doubt < 1e-9


@settings(deadline=None)
@given(st.integers(0, len(MESSAGE) - 1), st.integers(1, 255))
def test_one_byte_that_was_nearly_heard_right_is_mended(place: int, by: int) -> None:
    odds = odds_of(MESSAGE)
    odds[place, (MESSAGE[place] + by) % 256] = 2.0
    verdict = judged(odds)
    assert (verdict.message, verdict.mended) == (MESSAGE, 1)
    assert verdict.doubt < 1e-9


def test_two_bytes_that_were_nearly_heard_right_are_mended() -> None:
    odds = odds_of(MESSAGE)
    for place, by in ((14, 1), (22, 8)):
        odds[place, (MESSAGE[place] + by) % 256] = 2.0
    verdict = judged(odds)
    assert (verdict.message, verdict.mended) == (MESSAGE, 2)


def test_a_clear_message_whose_sum_is_wrong_is_expensive_to_mend() -> None:
    verdict = judged(odds_of(exchange.spoilt(MESSAGE)))
    assert verdict.cost > 40


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_sum_that_is_right_by_luck_is_doubted(seed: int) -> None:
    """Two bytes are uncertain so that both readings add up: neither may be believed."""
    random = np.random.default_rng(seed)
    first, second = random.choice(len(MESSAGE) - 1, 2, replace=False)
    by = int(random.integers(1, 256))
    odds = odds_of(MESSAGE)
    odds[first, (MESSAGE[first] + by) % 256] = -1.0
    odds[second, (MESSAGE[second] - by) % 256] = -1.0
    assert judged(odds).doubt > 0.05


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32 - 1), st.floats(0.0, 3.0))
def test_noise_alone_is_never_believed(seed: int, spread: float) -> None:
    odds = np.random.default_rng(seed).normal(0, spread, (38, 256))
    verdict = judged(odds)
    assert sum(verdict.message) % 256 == 0
    assert verdict.doubt > 0.5


@given(st.binary(min_size=4, max_size=60))
def test_the_verdict_always_adds_up(message: bytes) -> None:
    assert sum(judged(odds_of(message)).message) % 256 == 0


def test_parity_decides_between_bytes_that_sound_alike() -> None:
    odds = odds_of(exchange.even(b"0312345678"))
    odds[3] = np.roll(odds[3], 1)
    data, doubt = even_parity(odds)
    assert all(byte.bit_count() % 2 == 0 for byte in data)
    assert doubt > 0.5
    assert even_parity(odds_of(exchange.even(b"0312")))[1] == pytest.approx(0.0, abs=1e-9)
