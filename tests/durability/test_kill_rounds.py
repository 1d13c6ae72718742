"""The recorder is killed at random moments and nothing is lost."""

from scripts.durability.kill_rounds import kill_rounds

PATIENT_S = 60.0  # how soon it records again is measured by `make kill-rounds`, on a quiet machine


def test_100_kills_lose_no_call_and_a_call_that_was_cut_off_goes_on() -> None:
    assert kill_rounds(100, again_s=PATIENT_S, at_once=10) == []


def test_20_kills_of_a_box_that_encrypts_lose_nothing_either() -> None:
    assert kill_rounds(20, again_s=PATIENT_S, at_once=10, sealed=True) == []
