"""What was said until one second before the plug was pulled is there, and plays."""

import pytest

from scripts.durability.block import why_not
from scripts.durability.power_cuts import cuts

PATIENT_S = 5.0  # on a busy machine the sound itself is late; `make power-cuts` holds to 1.0 s

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not())


def test_500_power_cuts_lose_nothing_that_was_entered_and_little_of_the_running_call() -> None:
    assert cuts(500, seconds=10, lost_s=PATIENT_S) == []


def test_200_power_cuts_of_a_box_that_encrypts_lose_nothing_either() -> None:
    assert cuts(200, seconds=10, lost_s=PATIENT_S, sealed=True) == []


@pytest.mark.parametrize("careless", ["fdatasync", "fsync"])
def test_a_recorder_that_does_not_sync_would_be_found(careless: str) -> None:
    assert cuts(20, seconds=4, careless=careless)


def test_a_medium_that_lies_costs_audio_but_neither_crash_nor_a_call_that_can_be_read() -> None:
    assert cuts(30, seconds=6, lying=True) == []
