"""Breaks of the loop make digits; a lone one is decided by its length and by what went before."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.signals.pulse import Break, PulseReader


def reader(flash_min_s: float = 0.045) -> PulseReader:
    made = PulseReader(flash_min_s)
    made.lifted(0.0)
    return made


@given(st.integers(2, 10), st.floats(0.038, 0.095))
def test_as_many_breaks_are_the_digit_and_ten_are_zero(count: int, length: float) -> None:
    dial = reader()
    for number in range(count):
        assert dial.is_pulse(length)
        dial.add(Break(2.0 + 0.1 * number, length))
    assert dial.counting
    assert dial.finish() == (str(count % 10), Break(2.0, length))
    assert not dial.counting


def test_more_breaks_than_any_digit_has_are_none() -> None:
    dial = reader()
    for number in range(11):
        dial.add(Break(2.0 + 0.1 * number, 0.06))
    assert dial.finish() == (None, None)
    assert dial.finish() == (None, None)


@pytest.mark.parametrize(("length", "is_pulse"), [(0.03, False), (0.06, True), (0.1, False)])
def test_a_pulse_has_its_length(length: float, is_pulse: bool) -> None:
    assert PulseReader.is_pulse(length) is is_pulse


def test_a_lone_break_may_be_a_flash_unless_flashes_are_longer() -> None:
    for flash_min, digit in ((0.045, None), (0.2, "1")):
        dial = reader(flash_min)
        dial.add(Break(60.0, 0.08))
        assert dial.finish() == (digit, Break(60.0, 0.08))
