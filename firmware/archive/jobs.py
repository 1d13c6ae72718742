"""Work for the archive's lane that is tried until it succeeds: a medium may be away for days."""

from __future__ import annotations

import queue
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from firmware.archive.catalogue import CatalogueCorrupt
from firmware.archive.errors import ArchiveError
from firmware.archive.lane import Lane
from firmware.archive.told import Entered, Inbox, Trouble

TRY_AGAIN_S = 5.0
TRIED_AT_ONCE = 10  # of those that wait, while all fail: hundreds would wear medium and processor
What = Callable[[], dict[str, Any] | None]


@dataclass(slots=True)
class _Job:
    what: What
    ready: float = 0.0


class Jobs:
    """`told` hears of each call that a job entered, and of each failure; `renew` makes a damaged
    catalogue anew."""

    def __init__(
        self,
        lane: Lane,
        told: Inbox,
        clock: Callable[[], float],
        renew: Callable[[], None],
    ) -> None:
        self._lane = lane
        self._told = told
        self._clock = clock
        self._renew = renew
        self._again: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        self._waiting: list[_Job] = []
        self._failing = False
        self._next_try = 0.0
        self._given = 0
        self._done = 0

    def add(self, what: What) -> None:
        """Have it done; it gives the record of the call that it entered, or None."""
        self._given += 1
        self._submit(_Job(what))

    def poll(self) -> None:
        """Try again what is due: all of it once one has succeeded, else some of it in turn."""
        now = self._clock()
        while not self._again.empty():
            self._waiting.append(self._again.get())
        due = [job for job in self._waiting if now >= job.ready]
        if self._failing:
            due = due[:TRIED_AT_ONCE] if now >= self._next_try else []
            self._next_try = now + TRY_AGAIN_S if due else self._next_try
        tried = {id(job) for job in due}
        self._waiting = [job for job in self._waiting if id(job) not in tried]
        for job in due:
            self._submit(job)

    @property
    def idle(self) -> bool:
        """Whether everything that was given is done."""
        return self._given == self._done

    def _submit(self, job: _Job) -> None:
        self._lane.submit(lambda: self._run(job))

    def _run(self, job: _Job) -> None:
        try:
            try:
                made = job.what()
            except CatalogueCorrupt:
                self._renew()
                made = job.what()
        except (ArchiveError, OSError) as error:
            self._failing = True
            job.ready = self._clock() + TRY_AGAIN_S
            self._again.put(job)
            self._told.put(Trouble("archive", str(error)))
            return
        self._failing = False
        self._told.put(Trouble("archive", ""))
        if made is not None:
            self._told.put(Entered(made))
        self._done += 1
