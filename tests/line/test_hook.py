"""What hook edges mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.events import HookFlash, LineEvent, OffHook, OnHook, PulseDigit
from firmware.line.debounce import Debouncer
from firmware.line.hook import HookClassifier, HookSettings, settings_for

DEBOUNCE_S = 0.010  # as the profile of the HAT has it


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


Edges = list[tuple[bool, float]]


def bouncing(edges: Edges, bounce: list[float]) -> Edges:
    """Every contact change chatters: after each share of 3 ms the contact is back for a moment."""
    made = []
    for level, time in edges:
        made.append((level, time))
        for share in sorted(bounce):
            at = time + 0.003 * share
            made += [(not level, at), (level, at + 0.0002)]
    return made


def through_the_debouncer(edges: Edges, flash: str = "etsi") -> list[LineEvent]:
    """As the line monitor does it: settled levels only, with the time at which each began."""
    hook, level, found = HookClassifier(settings_for(flash)), Debouncer(False, DEBOUNCE_S), []
    for active, time in edges:
        for settled, since in level.edge(active, time):
            found += hook.edge(settled, since)
    for settled, since in level.tick(edges[-1][1] + 1.0):
        found += hook.edge(settled, since)
    return found + hook.tick(edges[-1][1] + 3.0)


BOUNCE = st.lists(st.floats(0.1, 1.0), max_size=4, unique=True)


@given(
    st.text("0123456789", min_size=1, max_size=8),
    st.floats(8.0, 12.0),
    st.floats(0.50, 0.72),
    st.floats(0.3, 1.5),
    BOUNCE,
)
def test_every_rotary_dial_is_read_through_its_bouncing_contacts(
    digits: str, rate: float, break_ratio: float, pause: float, bounce: list[float]
) -> None:
    digits = "9" + digits  # a lone first 1 is the ambiguous case, below
    edges = bouncing([(True, 0.0), *dial(digits, 2.0, rate, break_ratio, pause)], bounce)
    for flash in ("etsi", "us"):
        found = through_the_debouncer(edges, flash)
        assert "".join(one.digit for one in found if isinstance(one, PulseDigit)) == digits
        assert not [one for one in found if isinstance(one, OnHook | HookFlash)]


@given(st.floats(0.050, 0.130), st.floats(31.0, 4000.0), BOUNCE)
def test_every_etsi_timed_break_in_a_call_is_one_flash(
    length: float, at: float, bounce: list[float]
) -> None:
    edges = bouncing([(True, 0.0), (False, at), (True, at + length)], bounce)
    found = through_the_debouncer(edges)
    assert [type(one) for one in found] == [OffHook, HookFlash]
    assert found[1].duration == pytest.approx(length, abs=0.0035)


@given(st.floats(0.300, 1.000), st.floats(1.0, 4000.0), BOUNCE)
def test_every_us_hook_flash_is_one_flash(length: float, at: float, bounce: list[float]) -> None:
    edges = bouncing([(True, 0.0), (False, at), (True, at + length)], bounce)
    found = through_the_debouncer(edges, "us")
    assert [type(one) for one in found] == [OffHook, HookFlash]
    assert found[1].duration == pytest.approx(length, abs=0.0035)


@given(st.floats(8.0, 12.0), st.floats(0.50, 0.72), BOUNCE)
def test_a_lone_one_is_a_digit_where_flashes_are_long(
    rate: float, break_ratio: float, bounce: list[float]
) -> None:
    edges = bouncing([(True, 0.0), *dial("1", 2.0, rate, break_ratio)], bounce)
    found = through_the_debouncer(edges, "us")
    assert [one.digit for one in found if isinstance(one, PulseDigit)] == ["1"]


@given(st.floats(9.0, 12.0), st.floats(0.50, 0.62), BOUNCE)
def test_a_first_lone_one_of_a_common_dial_is_a_digit_where_flashes_are_short(
    rate: float, break_ratio: float, bounce: list[float]
) -> None:
    edges = bouncing([(True, 0.0), *dial("1", 2.0, rate, break_ratio)], bounce)
    found = through_the_debouncer(edges)
    assert [one.digit for one in found if isinstance(one, PulseDigit)] == ["1"]


def test_the_ambiguous_zone_is_decided_as_it_is_documented() -> None:
    """A lone break of 45 to 95 ms on an ETSI line."""

    def lone(length: float, at: float, before: str = "") -> list[type[LineEvent]]:
        edges = [(True, 0.0), *dial(before, 1.0), (False, at), (True, at + length)]
        return [type(one) for one in play(edges)][1 + len(before) :]

    assert lone(0.070, 5.0) == [PulseDigit]
    assert lone(0.075, 5.0) == [HookFlash]
    assert lone(0.070, 31.0) == [HookFlash]
    assert lone(0.090, 8.0, before="5") == [PulseDigit]
    assert lone(0.090, 14.0, before="5") == [HookFlash]
    assert lone(0.100, 8.0, before="5") == [HookFlash]


@given(st.floats(0.36, 5.0), BOUNCE)
def test_a_longer_break_hangs_up_at_its_beginning(length: float, bounce: list[float]) -> None:
    edges = bouncing([(True, 0.0), (False, 40.0), (True, 40.0 + length)], bounce)
    found = through_the_debouncer(edges)
    assert [type(one) for one in found] == [OffHook, OnHook, OffHook]
    assert found[1].time == pytest.approx(40.0, abs=0.0035)


def test_chatter_without_end_is_neither_digit_nor_flash() -> None:
    edges = [(bool(n % 2), 10.0 + 0.002 * n) for n in range(500)]
    found = through_the_debouncer([(True, 0.0), *edges, (True, 11.2)])
    assert [type(one) for one in found] == [OffHook]
