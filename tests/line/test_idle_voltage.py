"""The learned idle voltage: what it learns from, and what it never learns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.line.idle_voltage import (
    FIRST_THRESHOLD_V,
    LOWEST_IDLE_V,
    READINGS,
    SETTLE_S,
    THRESHOLD,
    IdleVoltage,
    runs_off,
)


def learn(idle: IdleVoltage, volts: float, start: float = 0.0) -> None:
    for place in range(READINGS):
        idle.feed(volts, start + place)


def test_before_anything_is_learned_the_boards_own_threshold_holds() -> None:
    idle = IdleVoltage()
    assert idle.threshold() == FIRST_THRESHOLD_V
    assert idle.off_hook(9.0)
    assert not idle.off_hook(48.0)


@pytest.mark.parametrize("volts", [30.0, 48.0, -48.0, 60.0])
def test_the_idle_voltage_is_learned_in_either_polarity(volts: float) -> None:
    idle = IdleVoltage()
    learn(idle, volts)
    assert idle.idle == abs(volts)
    assert idle.threshold() == pytest.approx(THRESHOLD * abs(volts))


def test_a_telephone_left_off_hook_for_a_day_is_never_the_new_normal() -> None:
    idle = IdleVoltage(48.0)
    for second in range(0, 86400, 10):
        idle.feed(21.0, float(second))
    assert idle.idle == 48.0
    assert idle.off_hook(21.0)


def test_a_line_that_sags_with_the_weather_is_followed() -> None:
    idle = IdleVoltage(52.0)
    learn(idle, 47.0)
    assert idle.idle == 47.0


def test_one_wild_reading_changes_nothing() -> None:
    idle = IdleVoltage(48.0)
    learn(idle, 48.0)
    idle.feed(95.0, 10.0)
    assert idle.idle == 48.0


def test_a_low_line_counts_as_off_hook_for_ten_minutes_and_is_then_learned() -> None:
    """A new box on a router's 24 V port records ten minutes of nothing rather than miss a call."""
    idle = IdleVoltage()
    assert not idle.feed(24.0, 0.0)
    assert idle.off_hook(24.0)
    idle.feed(24.2, SETTLE_S - 1)
    assert idle.off_hook(24.0)
    assert idle.feed(24.1, SETTLE_S)
    assert not idle.off_hook(24.0)
    assert idle.off_hook(12.0)


def test_a_low_line_that_is_hung_up_meanwhile_learns_the_higher_voltage() -> None:
    idle = IdleVoltage()
    idle.feed(21.0, 0.0)
    learn(idle, 48.0, 100.0)
    assert idle.idle == 48.0


def test_no_voltage_is_no_off_hook() -> None:
    assert not IdleVoltage(48.0).off_hook(0.3)


@given(st.lists(st.floats(-80, 80), max_size=60), st.floats(15, 70))
def test_the_threshold_stays_between_half_and_six_tenths_of_what_was_learned(
    readings: list[float], start: float
) -> None:
    idle = IdleVoltage(start)
    for second, volts in enumerate(readings):
        idle.feed(volts, float(second))
        assert idle.idle is not None
        assert 0.5 * idle.idle <= idle.threshold() <= 0.6 * idle.idle
        assert idle.idle >= min(start, LOWEST_IDLE_V)


@given(st.floats(15, 70), st.lists(st.floats(0, 0.54), max_size=60))
def test_readings_below_the_threshold_teach_nothing(start: float, shares: list[float]) -> None:
    idle = IdleVoltage(start)
    for second, share in enumerate(shares):
        idle.feed(share * start, float(second))
    assert idle.idle == start


def test_charge_running_off_is_told_from_a_lifted_telephone() -> None:
    assert runs_off(24.0, 18.0)
    assert not runs_off(9.3, 9.25)
    assert not runs_off(20.0, 0.5)
