"""What is heard has the time of its samples, through batches and gaps."""

import numpy as np
import pytest

from firmware.audio.frames import Gap, Period
from firmware.events import DtmfDigit, Heard
from firmware.hearing import Hearing
from firmware.simulator.generators import dtmf
from firmware.simulator.generators.levels import to_int16

RATE = 8000


def digits(heard: list[Heard]) -> list[tuple[str, float]]:
    return [(one.signal.digit, one.time) for one in heard if isinstance(one.signal, DtmfDigit)]


def listen(hearing: Hearing, samples: np.ndarray, first: int, at: float) -> list[Heard]:
    found: list[Heard] = []
    for start in range(0, len(samples), 160):
        part = samples[start : start + 160]
        found += hearing.feed(Period(first + start, part, at + start / RATE))
    return found


def spoken(text: str) -> np.ndarray:
    quiet = np.zeros(RATE // 2, np.int16)
    return np.concatenate((quiet, to_int16(dtmf.sequence(text, RATE, 100.0, 100.0)), quiet))


def test_a_digit_has_the_time_of_its_first_sample() -> None:
    [(digit, time)] = digits(listen(Hearing(RATE, "PL"), spoken("7"), 0, 100.0))
    assert digit == "7"
    assert time == pytest.approx(100.5, abs=0.01)


@pytest.mark.parametrize("lost_s", [0.5, 3600.0])
def test_behind_a_gap_times_are_right_and_memory_is_not_filled(lost_s: float) -> None:
    hearing = Hearing(RATE, "PL")
    samples, lost = spoken("1"), round(lost_s * RATE)
    found = digits(listen(hearing, samples, 0, 50.0))
    behind = len(samples) + lost
    found += digits(hearing.feed(Gap(len(samples), lost, "card lost", 50.0 + len(samples) / RATE)))
    found += digits(listen(hearing, spoken("2"), behind, 50.0 + behind / RATE))
    assert [digit for digit, _ in found] == ["1", "2"]
    assert found[0][1] == pytest.approx(50.5, abs=0.01)
    assert found[1][1] == pytest.approx(50.0 + behind / RATE + 0.5, abs=0.01)
