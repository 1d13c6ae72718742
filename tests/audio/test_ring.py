"""The pre-roll ring gives back what the line carried, sample for sample."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from firmware.audio.frames import Gap, Period
from firmware.audio.ring import PreRollRing

RATE = 8000


@given(
    st.lists(st.tuples(st.booleans(), st.integers(1, 400)), min_size=1, max_size=80),
    st.integers(-500, 8000),
)
def test_what_is_held_comes_back_in_order_from_the_wanted_sample(
    sizes: list[tuple[bool, int]], wanted: int
) -> None:
    ring, first = PreRollRing(0.5, RATE), 0
    for lost, size in sizes:
        numbers = np.arange(first, first + size).astype(np.int16)
        at = first / RATE
        ring.append(Gap(first, size, "xrun", at) if lost else Period(first, numbers, at))
        first += size
    items = ring.since(wanted)
    index = max(wanted, 0, items[0].first) if items else first
    assert index <= max(wanted, first - RATE // 2, 0) or not items
    for item in items:
        assert item.first == index
        assert abs(item.time - index / RATE) < 1e-9
        if isinstance(item, Period):
            assert np.array_equal(item.samples, np.arange(index, item.end).astype(np.int16))
        index = item.end
    assert index == first or wanted >= first
