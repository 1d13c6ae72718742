"""The worker: one thread that takes what happens from the inbox, one thing at a time."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any

IDLE_WAIT_S = 1.0


class _Stop:
    """The last thing in the inbox."""


class Worker:
    """`take` is given each item, or None when only time has passed: at the soonest of the
    `deadlines`, in monotonic seconds, and every second at least. `over` is done at the end.

    `fault` is told of a fault of the program itself, which ends the thread.
    """

    def __init__(
        self,
        take: Callable[[Any], None],
        deadlines: Callable[[], tuple[float | None, ...]],
        over: Callable[[], None],
        fault: Callable[[BaseException], None],
        clock: Callable[[], float],
    ) -> None:
        self._take = take
        self._deadlines = deadlines
        self._over = over
        self._fault = fault
        self._clock = clock
        self._inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="recorder")

    def put(self, item: Any) -> None:
        """Something happened; returns at once, from any thread."""
        self._inbox.put(item)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def stop(self) -> None:
        """Work on what is in the inbox, and end."""
        self._inbox.put(_Stop())
        self._thread.join(timeout=60)

    def _work(self) -> None:
        try:
            while not isinstance(item := self._next(), _Stop):
                self._take(item)
            self._over()
        except Exception as error:
            self._fault(error)

    def _next(self) -> Any:
        """What comes next; None when only time has passed."""
        now = self._clock()
        due = [*self._deadlines(), now + IDLE_WAIT_S]
        wait = max(0.0, min(time for time in due if time is not None) - now)
        try:
            return self._inbox.get(timeout=wait)
        except queue.Empty:
            return None
