"""What hook edges mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.events import HookFlash, LineEvent, OffHook, OnHook, PulseDigit
from firmware.line.hook import HookClassifier, HookSettings


def dial(
    digits: str, at: float, rate: float = 10.0, break_ratio: float = 0.6, pause: float = 0.6
) -> list[tuple[bool, float]]:
    """Hook edges of a rotary dial that begins at `at` on a closed loop."""
    edges = []
    for digit in digits:
        for _ in range(int(digit) or 10):
            edges += [(False, at), (True, at + break_ratio / rate)]
            at += 1 / rate
        at += pause
    return edges


def play(edges: list[tuple[bool, float]], flash_max_s: float = 0.35) -> list[LineEvent]:
    hook = HookClassifier(HookSettings(flash_max_s))
    found = [event for active, time in edges for event in hook.edge(active, time)]
    return found + hook.tick(edges[-1][1] + 2.0)


def test_lifting_and_hanging_up() -> None:
    assert play([(True, 1.0), (False, 9.0)]) == [OffHook(1.0), OnHook(9.0)]


@given(
    st.text("0123456789", min_size=2, max_size=9),
    st.floats(8.0, 12.0),
    st.floats(0.50, 0.72),
    st.floats(0.3, 1.2),
)
def test_every_rotary_dial_within_the_standard_is_read(
    digits: str, rate: float, break_ratio: float, pause: float
) -> None:
    digits = "9" + digits
    found = play([(True, 0.0), *dial(digits, 2.0, rate, break_ratio, pause)])
    assert "".join(event.digit for event in found if isinstance(event, PulseDigit)) == digits
    assert not [event for event in found if isinstance(event, OnHook | HookFlash)]


def test_a_digit_has_the_time_of_its_first_break() -> None:
    found = play([(True, 0.0), *dial("5", 3.0)])
    assert found[1] == PulseDigit(3.0, "5")


@pytest.mark.parametrize("length", [0.100, 0.110, 0.130])
def test_an_etsi_timed_break_is_a_flash(length: float) -> None:
    found = play([(True, 0.0), (False, 40.0), (True, 40.0 + length)])
    assert found == [OffHook(0.0), HookFlash(40.0, pytest.approx(length))]


@pytest.mark.parametrize("length", [0.05, 0.07, 0.09])
def test_a_short_timed_break_in_a_call_is_a_flash_not_a_one(length: float) -> None:
    found = play([(True, 0.0), (False, 60.0), (True, 60.0 + length)])
    assert found == [OffHook(0.0), HookFlash(60.0, pytest.approx(length))]


@pytest.mark.parametrize("length", [0.3, 0.6, 1.0])
def test_a_us_hook_flash_does_not_hang_up_where_the_us_window_is_set(length: float) -> None:
    found = play([(True, 0.0), (False, 40.0), (True, 40.0 + length)], flash_max_s=1.1)
    assert found == [OffHook(0.0), HookFlash(40.0, pytest.approx(length))]


def test_a_break_longer_than_any_flash_is_a_hang_up_and_the_next_off_hook_a_new_one() -> None:
    found = play([(True, 0.0), (False, 40.0), (True, 40.5)])
    assert found == [OffHook(0.0), OnHook(40.0), OffHook(40.5)]


def test_a_glitch_is_nothing() -> None:
    assert play([(True, 0.0), (False, 5.0), (True, 5.02)]) == [OffHook(0.0)]


def test_the_deadline_tells_when_a_break_becomes_a_hang_up() -> None:
    hook = HookClassifier()
    hook.edge(True, 0.0)
    assert hook.deadline() is None
    hook.edge(False, 3.0)
    due = hook.deadline()
    assert due == pytest.approx(3.35)
    assert hook.tick(due + 0.001) == [OnHook(3.0)]


@given(st.lists(st.floats(0.001, 2.0), min_size=1, max_size=60))
def test_off_hook_and_on_hook_always_alternate(gaps: list[float]) -> None:
    hook, time, level, found = HookClassifier(), 0.0, False, []
    for gap in gaps:
        time, level = time + gap, not level
        found += hook.edge(level, time)
    found += hook.tick(time + 5)
    kinds = [type(event) for event in found if isinstance(event, OffHook | OnHook)]
    assert kinds == [OffHook, OnHook] * (len(kinds) // 2) + [OffHook] * (len(kinds) % 2)
