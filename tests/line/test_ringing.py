"""What is ringing, and what is not."""

import pytest

from firmware.events import LineEvent, RingBurst, RingStarted
from firmware.line.ringing import RingClassifier


def ring(frequency: float, seconds: float, at: float = 1.0) -> list[LineEvent]:
    classifier, found = RingClassifier(), []
    for cycle in range(round(frequency * seconds)):
        found += classifier.edge(True, at + cycle / frequency)
        found += classifier.edge(False, at + (cycle + 0.5) / frequency)
    return found + classifier.tick(at + seconds + 1)


@pytest.mark.parametrize("frequency", [15.5, 20, 25, 50, 67])
def test_a_burst_has_its_length_and_frequency(frequency: float) -> None:
    started, burst = ring(frequency, 1.0)
    assert started == RingStarted(1.0)
    assert isinstance(burst, RingBurst)
    assert burst.duration == pytest.approx(1.0, abs=1.5 / frequency)
    assert burst.frequency == pytest.approx(frequency, rel=0.02)


def test_two_edges_are_no_ring() -> None:
    assert ring(25, 0.08) == []


@pytest.mark.parametrize("frequency", [1, 5, 10, 13])
def test_edges_slower_than_15_hz_such_as_dial_pulses_are_no_ring(frequency: float) -> None:
    assert ring(frequency, 2.0) == []


@pytest.mark.parametrize("frequency", [80, 110, 200, 400])
def test_edges_quicker_than_68_hz_are_no_ring(frequency: float) -> None:
    assert ring(frequency, 0.5) == []


def test_a_detector_that_chatters_at_each_edge_still_gives_the_ringing_frequency() -> None:
    classifier, found = RingClassifier(), []
    for cycle in range(25):
        for bounce in (0.0, 0.001, 0.002):
            found += classifier.edge(True, 1.0 + cycle / 25 + bounce)
            found += classifier.edge(False, 1.0 + cycle / 25 + bounce + 0.0005)
    started, burst = found + classifier.tick(3.0)
    assert isinstance(burst, RingBurst)
    assert burst.frequency == pytest.approx(25, rel=0.02)


def test_two_bursts_are_told_apart() -> None:
    classifier, found = RingClassifier(), []
    for start in (1.0, 6.0):
        for cycle in range(25):
            found += classifier.edge(True, start + cycle / 25)
            found += classifier.edge(False, start + (cycle + 0.5) / 25)
    found += classifier.tick(9.0)
    assert [type(event) for event in found] == [RingStarted, RingBurst] * 2
