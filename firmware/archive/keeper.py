"""The keeper: where the recorder leaves its calls, whatever the media do.

The recorder's thread calls it and is never held up: recordings have lanes of their own, and one
more lane makes masters, enters calls and recovers what a crash left. What the lanes did is heard
from `poll()`.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from firmware.archive.archive import Archive
from firmware.archive.broken_off import BrokenOff
from firmware.archive.closing import Closing
from firmware.archive.finisher import Finisher, Listen, nobody
from firmware.archive.going import note_private
from firmware.archive.identity import uuid7
from firmware.archive.jobs import Jobs
from firmware.archive.lane import AtOnce, Lane, Threaded
from firmware.archive.leftovers import LeftCall, left_calls
from firmware.archive.noted import Noted
from firmware.archive.numbering import Numbers
from firmware.archive.recording import Recording
from firmware.archive.rows import Rows, Together
from firmware.archive.takeup import TakeUp
from firmware.archive.told import Entered, Happened, Inbox, Trouble
from firmware.archive.unkept import Unkept
from firmware.archive.volume import Volume, Volumes
from firmware.archive.waiting import Waiting

__all__ = ["Entered", "Happened", "Keeper", "Trouble"]

SCAN_S = 2.0
LAST_S = 5.0


class Keeper:
    """`threads`: lanes are threads; without, all is done at once, as a virtual clock needs it."""

    def __init__(
        self,
        archive: Archive,
        volumes: Volumes | None = None,
        threads: bool = False,
        clock: Callable[[], float] = time.monotonic,
        failed: Callable[[BaseException], None] = lambda _error: None,
        listen: Listen = nobody,
        waiting: Waiting | None = None,
    ) -> None:
        self.archive = archive
        self.volumes = volumes or Volumes(archive.root, vault=archive.vault)
        self.waiting = Waiting() if waiting is None else waiting
        self.patience_s = 30.0
        self._threads = threads
        self._clock = clock
        self._failed = failed
        self._finisher = Finisher(archive, self.volumes, listen)
        self._lane: Lane = self._new_lane("archive")
        self._scanner: Lane = self._new_lane("media")
        self._checker: Lane = self._new_lane("check")
        self._happened: Inbox = queue.SimpleQueue()
        self._take_up = TakeUp(
            archive, self.volumes, self._happened, self._checker, self._is_running, listen
        )
        self._jobs = Jobs(self._lane, self._happened, clock, self._take_up.renew)
        self._numbers = Numbers(archive, self._happened)
        self._rows = Rows(archive, self._jobs, self._numbers)
        self._noted = Noted(archive, self._jobs)
        self._open: Recording | None = None
        self._closing = Closing()
        self._completing: set[str] = set()
        self._flags: set[str] = set()
        self.broken_off = BrokenOff()
        self._unkept = Unkept(archive.root)
        self._boot_id = ""
        self._next_scan = 0.0
        self._scanning = False

    def _new_lane(self, name: str = "recording") -> Lane:
        return Threaded(name, self._failed) if self._threads else AtOnce()

    # Recording

    def begin(self, record: dict[str, Any]) -> Recording:
        """Open a recording; it has its id and sequence number at once."""
        line = str(record["line"])
        record = {**record, "id": uuid7(), "sequence": self._numbers.next(line)}
        record = self.archive.vault.marked(record)
        return self._opened(record)

    def resume(self, record: dict[str, Any]) -> Recording | None:
        """Go on with the call that a restart of the recorder broke off; None where there is none.

        `record["audio_monotonic"]`: the time of the first sample that comes now.
        """
        going_on = self.broken_off.go_on(record)
        if going_on is None:
            return None
        kept, earlier = going_on
        return self._opened(kept, *earlier)

    def _opened(self, record: dict[str, Any], *earlier: Any) -> Recording:
        how = (self.volumes, self._new_lane, self._clock, self.waiting)
        self._open = Recording(record, *how, *earlier)
        return self._open

    def finish(self, recording: Recording, record: dict[str, Any]) -> None:
        """The call is over: close the recording, make its master, enter it. `Entered` follows."""
        self._open = None
        self._closing.add(recording, {**recording.record, **record, **recording.own})
        self._poll_closing()

    def erase(self, recording: Recording, record: dict[str, Any]) -> None:
        """Remove the audio of a running call; `add_row` with its identity enters the row."""
        self._open = None
        recording.erase()
        self._noted.over(recording.id)
        rule = str(record.get("refused") or "")
        self.beside(lambda: note_private(self.archive, recording.id, rule))
        self._rows.note_erased(recording, record)

    def note_unkept(self, why: str) -> None:
        """Nothing is kept of the call that runs; `why` is empty when it is over. Told again now and
        then while it runs, so that a restart in its midst does not record the rest."""
        note = partial(self._unkept.note, why, self._boot_id, self._clock())
        self.beside(note if why else self._unkept.clear)

    def unkept_before(self, off_hook_by: float) -> str:
        """Why nothing is kept of the call that a restart broke off, if it is the one that runs."""
        return self._unkept.before(off_hook_by)

    def add_row(self, record: dict[str, Any], begun: Recording | None = None) -> str:
        """Enter a call without audio; its id. `begun`: the recording that was erased."""
        return self._rows.add(record, begun)

    def add_blind(self, record: dict[str, Any], together: Together) -> None:
        """Enter time in which nothing could be recorded.

        `together(last, record)`: the length of both where it only goes on with the last entry.
        """
        self._rows.add_blind(record, together)

    def correct(self, better: Callable[[dict[str, Any]], dict[str, Any] | None]) -> None:
        """The clock is right now: `better` gives what stands beside a call's start time."""
        self._jobs.add(lambda: self._take_up.correct(better))

    def beside(self, job: Callable[[], None]) -> None:
        """Have something done by the archive's lane, between calls; tried until it succeeds."""
        self._jobs.add(job)

    def flag(self, call_id: str) -> None:
        """Flag a call, entered or not yet."""
        if self._closing.flag(call_id) or call_id in self._completing:
            self._flags.add(call_id)  # done when it is entered
        else:
            self._jobs.add(lambda: self.archive.flag(call_id, True))

    # Recovery

    def start(self, boot_id: str = "") -> None:
        """See what was left. The unfinished call of seconds ago waits for `resume`.

        `boot_id`: of this run of the machine: monotonic times of another one mean nothing.
        """
        self.volumes.scan()
        left = left_calls(self.volumes)
        self._numbers.count(left, self.volumes)
        now = self._clock()
        self._boot_id = boot_id
        self._unkept.start(boot_id, now)
        self.broken_off.start(left, boot_id, now)
        self._lane.submit(lambda: self._take_up.recover(left))

    def watched(self) -> None:
        """The line is watched from now on, however long the start took: what is off-hook at once
        was so before it."""
        self.broken_off.watched_since = self._clock()
        self._unkept.watched(self.broken_off.watched_since)

    def give_up_resuming(self) -> None:
        """The line is on-hook: the call that was broken off is over."""
        if (left := self.broken_off.give_up()) is not None:
            self._lane.submit(lambda: self._take_up.recover([left]))

    def check(self) -> None:
        """Compare all records with the catalogue, beside everything else."""
        self._take_up.check()

    # What goes on beside

    def poll(self) -> list[Happened]:
        """Let everything that goes on beside go on; what has happened since the last time."""
        now = self._clock()
        if self._open is not None:
            self._open.poll()
            self._noted.note(self._open, self._open.record, final=False)
        self._poll_closing()
        self._jobs.poll()
        if now >= self._next_scan and not self._scanning:
            self._next_scan = now + SCAN_S
            self._scanning = True
            self._scanner.submit(self._scan)
        happened = []
        while not self._happened.empty():
            one = self._happened.get()
            happened.append(one)
            if isinstance(one, Entered):
                call_id = str(one.record["id"])
                self._completing.discard(call_id)
                self._noted.over(call_id)
                if call_id in self._flags:
                    self._flags.discard(call_id)
                    self.flag(call_id)
                self._take_up_all(self._take_up.put_off())
        return happened

    def _scan(self) -> None:
        """Media come and go; what lies on one that has come is taken up."""
        try:
            self._take_up_all(self.volumes.scan())
            for volume in self.volumes.here():
                if volume.failed and self._clock() >= volume.avoided_until:
                    volume.failed = False
                    self._lane.submit(partial(self._take_up.look_again, volume))
            self._happened.put(Trouble("medium", " ".join(self.volumes.warnings)))
        finally:
            self._scanning = False

    def _take_up_all(self, volumes: list[Volume]) -> None:
        for volume in volumes:
            self._lane.submit(partial(self._take_up.take_up, volume))

    def _is_running(self, left: LeftCall) -> bool:
        """Whether the call is being recorded or completed now: its parts are not left over."""
        ids = {str(part.begun.get("id")) for part in left.parts}
        running = self._closing.ids()
        if (current := self._open) is not None:
            running.append(current.id)
        return bool(ids & {*running, *self._completing})

    def _poll_closing(self) -> None:
        for recording, known in self._closing:
            self._noted.note(recording, known, final=True)
        for record, bases in self._closing.poll():
            self._completing.add(str(record["id"]))
            self._jobs.add(partial(self._complete, record, bases))

    def _complete(self, record: dict[str, Any], bases: tuple[Path, ...]) -> dict[str, Any]:
        self._finisher.note_closed(record)
        self._finisher.enter_early(record)
        return self._finisher.complete(record, bases)

    @property
    def trouble(self) -> str:
        """What is wrong with the media of recordings and masters; empty where nothing is."""
        found = ["" if self._open is None else self._open.trouble]
        found += [self._closing.trouble, self._finisher.trouble]
        return " ".join(dict.fromkeys(filter(None, found)))

    @property
    def slow(self) -> str:
        """Which medium keeps a running recording waiting; empty where none does."""
        return "" if self._open is None else self._open.slow

    @property
    def idle(self) -> bool:
        """Whether everything that was given is on a medium and entered."""
        return not self._closing and self._jobs.idle

    def stop(self, patience_s: float = 30.0) -> list[Happened]:
        """Wait until all is done, but not for ever; what happened meanwhile."""
        happened = self._wait(patience_s)
        self._scanner.end()
        self._checker.end()
        self._lane.end()
        if isinstance(self._lane, Threaded):
            self._lane.join(max(0.1, patience_s))
        return happened + self.poll()

    def give_up_waiting(self) -> list[Happened]:
        """The recorder ends: what no medium takes in time leaves its row, without sound."""
        happened = self._wait(self.patience_s)
        self._closing.let_go()
        return happened + self._wait(LAST_S)

    def _wait(self, patience_s: float) -> list[Happened]:
        happened = self.poll()
        until = time.monotonic() + patience_s
        while not self.idle and time.monotonic() < until:
            time.sleep(0.01)
            happened += self.poll()
        return happened
