"""Where slow work is done: on a thread of its own, or at once for a virtual clock."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Protocol

Job = Callable[[], None]


class Lane(Protocol):
    """Jobs are done one after the other, in the order in which they came."""

    def submit(self, job: Job) -> None:
        """Have it done; a job raises nothing."""

    def end(self) -> None:
        """No more jobs come; what came is still done."""


class AtOnce:
    """Does each job where it is submitted."""

    def submit(self, job: Job) -> None:
        job()

    def end(self) -> None:
        """There is nothing to end."""


class Threaded:
    """One daemon thread: a medium that never answers holds nobody else up.

    `failed` is told of a job that raised all the same: a fault of the program itself.
    """

    def __init__(self, name: str, failed: Callable[[BaseException], None]) -> None:
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._failed = failed
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> None:
        self._jobs.put(job)

    def end(self) -> None:
        self._jobs.put(None)

    def join(self, timeout: float) -> bool:
        """Wait for the end; false where the thread still works after `timeout` seconds."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                job()
            except BaseException as error:
                self._failed(error)
                return
