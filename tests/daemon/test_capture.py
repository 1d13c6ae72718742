"""The capture thread hands on what the card gives, and what is wrong with it."""

import queue
from typing import Any

import numpy as np

from firmware.audio.frames import Gap, Period
from firmware.daemon.capture import CaptureThread


class Card:
    """Gives what it is told to; then it is silent until it is closed."""

    rate = 8000

    def __init__(self, *given: Period | Gap | str | Exception) -> None:
        self._given = list(given)
        self.last_error = ""
        self.closed = False

    def read(self) -> Period | Gap | None:
        if not self._given:
            return None
        match self._given.pop(0):
            case Exception() as error:
                raise error
            case str() as trouble:
                self.last_error = trouble
                return None
            case item:
                return item

    def close(self) -> None:
        self.closed = True


PERIOD = Period(0, np.zeros(160, np.int16), 1.0)


def captured(card: Card, count: int) -> list[Any]:
    inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
    faults: list[BaseException] = []
    thread = CaptureThread(card, inbox.put, lambda fault: (faults.append(fault), inbox.put(fault)))
    thread.start(1.0)
    found = [inbox.get(timeout=5) for _ in range(count)]
    assert thread.stop()
    assert card.closed
    assert [item for item in found if isinstance(item, Exception)] == faults
    return found


def test_trouble_with_the_card_is_told_once_and_so_is_its_end() -> None:
    card = Card(PERIOD, "gone", "gone", "", PERIOD)
    assert captured(card, 4) == [PERIOD, "gone", "", PERIOD]


def test_a_fault_of_the_program_is_told() -> None:
    error = ZeroDivisionError()
    assert captured(Card(PERIOD, error), 2) == [PERIOD, error]


def test_before_it_was_started_there_is_nothing_to_take_in() -> None:
    card = Card()
    assert not CaptureThread(card, print, print).stop()
    assert card.closed
