"""The recorder is killed at random moments and nothing is lost."""

from typing import Any

import pytest

from scripts.durability.kill_rounds import Kill, kill_rounds, lost_before
from scripts.durability.workload import RATE

PATIENT_S = 60.0  # how soon it records again is measured by `make kill-rounds`, on a quiet machine


def test_100_kills_lose_no_call_and_a_call_that_was_cut_off_goes_on() -> None:
    assert kill_rounds(100, again_s=PATIENT_S, at_once=10) == []


def test_20_kills_of_a_box_that_encrypts_lose_nothing_either() -> None:
    assert kill_rounds(20, again_s=PATIENT_S, at_once=10, sealed=True) == []


def call_with_gap(first_s: float, last_s: float) -> dict[str, Any]:
    """A call that began at 100 s; nothing is there from `first_s` to `last_s` of it."""
    gap = {"offset": round(first_s * RATE), "count": round((last_s - first_s) * RATE)}
    return {"audio_monotonic": 100.0, "gaps": [gap]}


def killed(at_s: float, again_s: float, lifted_s: float = 0.0) -> Kill:
    at, again, lifted = (round((100 + one) * RATE) for one in (at_s, again_s, lifted_s))
    return Kill(at, again, True, lifted)


def test_what_was_captured_and_is_missing_before_a_kill_is_lost() -> None:
    assert lost_before(killed(3.0, 3.5), call_with_gap(1.5, 3.5), 0) == 1.5
    assert lost_before(killed(3.0, 3.5), call_with_gap(3.0, 3.5), 0) == 0.0
    assert lost_before(killed(9.0, 9.5), call_with_gap(1.5, 3.5), 0) == 0.0


def test_while_no_recorder_ran_nothing_could_be_lost() -> None:
    """Killed at 1.5 s, again at 2.8 s, and killed once more 0.2 s later: one gap, 0.2 s lost."""
    begun = round(102.8 * RATE)
    assert lost_before(killed(3.0, 3.9), call_with_gap(1.5, 3.9), begun) == 0.2


def test_what_was_before_the_telephone_was_lifted_is_not_lost() -> None:
    """Lifted at 2.9 s, killed 0.1 s later: the two seconds before went with the memory."""
    assert lost_before(killed(3.0, 3.5, 2.9), call_with_gap(0.9, 3.5), 0) == pytest.approx(0.1)
