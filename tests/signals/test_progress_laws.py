"""However the stream is cut, and whatever comes, tones keep their laws."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.events import Signal, ToneStarted
from firmware.plans import load_plans
from firmware.signals.tones import ToneDecoder
from firmware.simulator.generators.tones import steady, tone
from firmware.simulator.voices import find_voice, load_voice
from tests.signals.progress import RATE, began, heard, line, over, quiet

TALK = load_voice(find_voice("en-owner", Path()), RATE, -16.0)[: 2 * RATE]
SIGNALS = line(
    quiet(0.2),
    tone("dial", RATE, 1.6, -12.0),
    quiet(0.7),
    tone("ringback", RATE, 6.0, -18.0),
    quiet(0.9),
    TALK,
    quiet(1.1),
    tone("ringback", RATE, 1.0, -18.0),
    quiet(0.9),
    tone("cas", RATE, 0.12, -15.0),
    quiet(0.5),
    tone("sit", RATE, 0.99, -15.0),
    quiet(0.4),
    tone("busy", RATE, 3.7, -18.0),
    snr=15,
    level=-18.0,
)
WHOLE = heard(SIGNALS)


def test_the_signals_of_the_cutting_tests_are_all_there() -> None:
    names = [getattr(told, "name", "cas") for told in WHOLE if not isinstance(told, ToneStarted)]
    assert sorted(names) == ["busy", "cas", "dial", "ringback", "ringback", "sit"]


def cut(sizes: list[int]) -> list[Signal]:
    decoder, found, at, turn = ToneDecoder(load_plans("PL"), "PL"), [], 0, 0
    while at < len(SIGNALS):
        size = sizes[turn % len(sizes)]
        found += decoder.feed(SIGNALS[at : at + size])
        at, turn = at + size, turn + 1
    return [*found, *decoder.flush()]


def in_order(signals: list[Signal]) -> list[Signal]:
    """An alerting tone is told between others earlier or later by the batch; the rest in order."""
    return sorted(signals, key=lambda signal: (signal.end, signal.start, type(signal).__name__))


@pytest.mark.parametrize("size", [7, 160, 801, 40_000])
def test_pieces_of_any_size_give_identical_tones(size: int) -> None:
    assert in_order(cut([size])) == in_order(WHOLE)


def test_single_samples_give_identical_tones() -> None:
    decoder, found = ToneDecoder(load_plans("PL"), "PL"), []
    part = SIGNALS[: 3 * RATE]
    for sample in part:
        found += decoder.feed(np.array([sample], np.float32))
    assert [*found, *decoder.flush()] == heard(part)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 5000), min_size=1, max_size=12))
def test_the_cut_of_the_stream_changes_nothing(sizes: list[int]) -> None:
    assert in_order(cut(sizes)) == in_order(WHOLE)


def test_tones_of_one_stream_never_overlap_and_each_began_before_it_was_over() -> None:
    told = over(WHOLE)
    for earlier, later in pairwise(sorted(told, key=lambda one: one.start)):
        assert earlier.end <= later.start
    starts = {(one.name, one.start) for one in began(WHOLE)}
    assert starts == {(one.name, one.start) for one in told}


def test_memory_does_not_grow_with_the_stream() -> None:
    import tracemalloc

    decoder = ToneDecoder(load_plans("PL"), "PL")
    minute = np.tile(line(tone("busy", RATE, 8.0), quiet(2), snr=20)[: 10 * RATE], 6)
    decoder.feed(minute)
    tracemalloc.start()
    decoder.feed(minute)
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(20):
        decoder.feed(minute)
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 100_000


HERTZ = st.sampled_from([(425.0,), (440.0,), (350.0, 440.0), (480.0, 620.0), (950.0,), (1100.0,)])
TIMES = st.sampled_from([0.1, 0.2, 0.25, 0.5, 1.0, 1.5, 2.0, 4.0])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(HERTZ, TIMES, TIMES), min_size=1, max_size=14), st.integers(0, 159))
def test_whatever_bursts_come_tones_have_a_length_their_order_and_each_its_beginning(
    bursts: list[tuple[tuple[float, ...], float, float]], place: int
) -> None:
    parts = [np.zeros(place)]
    for hertz, on, off in bursts:
        parts += [steady(hertz, round(on * RATE), RATE, -15.0), quiet(off)]
    samples = line(*parts)
    found = heard(samples)
    told = over(found)
    assert [(one.name, one.start) for one in began(found)] == [(t.name, t.start) for t in told]
    for one in told:
        assert 0 <= one.start < one.end <= len(samples) + 160
    for earlier, later in pairwise(told):
        assert earlier.end <= later.start + 160


def test_twenty_milliseconds_of_any_sound_take_few_steps() -> None:
    """No sound makes the decoder look at a window more often than it has blocks."""
    from firmware.signals.steady import Pitch

    calls = 0
    find = Pitch.find

    def counted(self, parts):  # type: ignore[no-untyped-def]
        nonlocal calls
        calls += 1
        return find(self, parts)

    time = np.arange(10 * RATE) / RATE
    sweep = 0.3 * np.sin(2 * np.pi * (330 * time + 8 * time**2))
    decoder = ToneDecoder(load_plans("PL"), "PL")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Pitch, "find", counted)
        decoder.feed(sweep.astype(np.float32))
    assert 0 < calls <= len(sweep) / 160
