"""Contact bounce."""

from hypothesis import given
from hypothesis import strategies as st

from firmware.line.debounce import Debouncer


def test_a_change_counts_from_its_beginning_once_it_has_lasted() -> None:
    contact = Debouncer(False, 0.01)
    assert contact.edge(True, 1.0) == []
    assert contact.tick(1.009) == []
    assert contact.tick(1.01) == [(True, 1.0)]


def test_chatter_that_returns_is_nothing() -> None:
    contact = Debouncer(False, 0.01)
    found = contact.edge(True, 1.0) + contact.edge(False, 1.004) + contact.tick(2.0)
    assert found == []


def test_without_a_hold_every_change_counts_at_once() -> None:
    contact = Debouncer(False, 0.0)
    assert contact.edge(True, 1.0) == [(True, 1.0)]


@given(st.lists(st.tuples(st.booleans(), st.floats(0.0001, 0.1)), max_size=80))
def test_settled_changes_alternate_and_never_go_back_in_time(
    edges: list[tuple[bool, float]],
) -> None:
    contact, time, found = Debouncer(False, 0.01), 0.0, []
    for level, gap in edges:
        time += gap
        found += contact.edge(level, time)
    found += contact.tick(time + 1)
    assert [level for level, _ in found] == [index % 2 == 0 for index in range(len(found))]
    assert [since for _, since in found] == sorted(since for _, since in found)
