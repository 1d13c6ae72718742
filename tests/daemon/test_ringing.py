"""Ringing at the HAT of the running recorder, with the real classes of firmware/line."""

import time

import pytest

from tests.support.box import Box, eventually


def ring(box: Box, cycles: int, hertz: float = 25.0, hook_too: bool = False) -> None:
    """Ringing as the detector gives it; `hook_too`: it moves the off-hook comparator as well."""
    for _ in range(cycles):
        box.line.apply("ring", True)
        if hook_too:
            box.line.apply("offhook", True)
        time.sleep(0.5 / hertz)
        box.line.apply("ring", False)
        if hook_too:
            box.line.apply("offhook", False)
        time.sleep(0.5 / hertz)


def test_fewer_than_three_edges_are_no_ringing(box: Box) -> None:
    """A lifted or hung up telephone makes an edge or two at the ring detector."""
    ring(box, 2)
    time.sleep(0.4)
    assert box.state()["state"] == "idle"
    ring(box, 12)
    eventually(lambda: box.state()["state"] == "ringing")


@pytest.mark.parametrize("hertz", [8.0, 220.0])
def test_edges_that_are_too_slow_or_too_quick_are_no_ringing(box: Box, hertz: float) -> None:
    ring(box, 9, hertz)
    time.sleep(0.4)
    assert box.state()["state"] == "idle"


def test_ringing_that_moves_the_hook_comparator_too_records_nothing(box: Box) -> None:
    ring(box, 20, hook_too=True)
    assert box.state()["state"] == "ringing"
    assert not box.state()["recording"]
    box.line.apply("offhook", True)
    eventually(lambda: box.state()["recording"])
    box.line.apply("offhook", False)
    [call] = eventually(box.calls)
    assert (call["direction"], call["rings"]) == ("incoming", 1)
