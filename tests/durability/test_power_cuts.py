"""What was said until one second before the plug was pulled is there, and plays."""

import pytest

from scripts.durability.block import why_not
from scripts.durability.power_cuts import cuts

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not())


def test_500_power_cuts_lose_nothing_that_was_entered_and_one_second_at_most() -> None:
    assert cuts(500, seconds=12) == []


@pytest.mark.parametrize("careless", ["fdatasync", "fsync"])
def test_a_recorder_that_does_not_sync_would_be_found(careless: str) -> None:
    assert cuts(20, seconds=4, careless=careless)


def test_a_medium_that_lies_costs_audio_but_neither_crash_nor_a_call_that_can_be_read() -> None:
    assert cuts(30, seconds=6, lying=True) == []
