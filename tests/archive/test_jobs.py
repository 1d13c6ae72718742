"""What waits for a medium is tried again, and hundreds that wait do not wear the box out."""

import queue
from typing import Any

from firmware.archive.errors import ArchiveFull
from firmware.archive.jobs import TRIED_AT_ONCE, TRY_AGAIN_S, Jobs
from firmware.archive.lane import AtOnce
from firmware.archive.told import Entered, Inbox, Trouble


class Desk:
    """Jobs on a virtual clock, and a medium that can be full."""

    def __init__(self) -> None:
        self.at = 0.0
        self.full = True
        self.tries: list[int] = []
        self.told: Inbox = queue.SimpleQueue()
        self.jobs = Jobs(AtOnce(), self.told, lambda: self.at, lambda: None)

    def add(self, number: int, never: bool = False) -> None:
        def work() -> dict[str, Any]:
            self.tries.append(number)
            if self.full or never:
                raise ArchiveFull("full")
            return {"id": number}

        self.jobs.add(work)

    def rest(self, seconds: float) -> list[int]:
        """Which were tried meanwhile."""
        self.tries.clear()
        for _ in range(round(seconds)):
            self.at += 1.0
            self.jobs.poll()
        return list(self.tries)

    def entered(self) -> list[int]:
        found = []
        while not self.told.empty():
            one = self.told.get()
            if isinstance(one, Entered):
                found.append(one.record["id"])
        return found


def test_of_hundreds_that_wait_a_few_are_tried_and_each_has_its_turn() -> None:
    desk = Desk()
    for number in range(500):
        desk.add(number)
    tried = desk.rest(60)
    assert len(tried) <= TRIED_AT_ONCE * (60 / TRY_AGAIN_S + 1)
    assert len(set(tried)) == len(tried)
    tried = desk.rest(TRY_AGAIN_S * 500 / TRIED_AT_ONCE + 60)
    assert set(tried) == set(range(500))


def test_as_soon_as_one_succeeds_all_are_done() -> None:
    desk = Desk()
    desk.add(0, never=True)  # its own medium is in a drawer
    for number in range(1, 500):
        desk.add(number)
    desk.rest(60)
    desk.full = False
    desk.rest(2 * TRY_AGAIN_S + 2)
    assert sorted(desk.entered()) == list(range(1, 500))
    assert not desk.jobs.idle


def test_each_failure_and_its_end_are_told() -> None:
    desk = Desk()
    desk.add(1)
    assert desk.told.get() == Trouble("archive", "full")
    desk.full = False
    desk.rest(TRY_AGAIN_S + 1)
    assert desk.told.get() == Trouble("archive", "")
    assert desk.jobs.idle
