"""One thread does what happens, in order; a fault of the program is told, never swallowed."""

import threading
import time
from typing import Any

from firmware.daemon.worker import Worker


def worker(
    take: Any, deadline: float | None = None, over: Any = lambda: None
) -> tuple[Worker, list[BaseException]]:
    faults: list[BaseException] = []
    return Worker(take, lambda: (None, deadline), over, faults.append, time.monotonic), faults


def test_what_happened_before_the_stop_is_taken_in_order_and_the_end_comes_last() -> None:
    taken: list[Any] = []
    made, faults = worker(taken.append, over=lambda: taken.append("over"))
    for item in range(50):
        made.put(item)
    made.start()
    made.stop()
    assert taken == [*range(50), "over"]
    assert not faults


def test_when_a_deadline_is_due_time_alone_is_taken() -> None:
    ticked = threading.Event()
    made, _ = worker(lambda item: ticked.set() if item is None else None, deadline=0.0)
    made.start()
    assert ticked.wait(5)
    made.stop()


def test_a_fault_of_the_program_is_told_and_ends_the_work() -> None:
    def fail(_item: object) -> None:
        raise ZeroDivisionError

    over: list[bool] = []
    made, faults = worker(fail, over=lambda: over.append(True))
    made.start()
    made.put("anything")
    made.stop()
    assert [type(fault) for fault in faults] == [ZeroDivisionError]
    assert not over
