"""The keeper: where the recorder leaves its calls, whatever the media do.

The recorder's thread calls it and is never held up: recordings have lanes of their own, and one
more lane makes masters, enters calls and recovers what a crash left. What the lanes did is heard
from `poll()`.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from firmware.archive.archive import Archive
from firmware.archive.catalogue import CatalogueCorrupt
from firmware.archive.errors import ArchiveError
from firmware.archive.files import read_json, storing, write_json
from firmware.archive.finisher import Finisher, Listen, nobody
from firmware.archive.identity import uuid7
from firmware.archive.lane import AtOnce, Lane, Threaded
from firmware.archive.layout import OPEN, ROW, name_of
from firmware.archive.leftovers import LeftCall, left_calls, left_rows
from firmware.archive.recording import Recording
from firmware.archive.recovery import Report, close_left, enter_row, rebuild
from firmware.archive.volume import Volume, Volumes

SCAN_S = 2.0
TRY_AGAIN_S = 5.0
CORRECTED = 1000  # calls of one run of the machine, before its clock was set
RESUMED_S = 60.0  # a call whose recording broke off so lately goes on


@dataclass(frozen=True, slots=True)
class Entered:
    """A call is in the catalogue."""

    record: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something the owner must know; `why` is empty when it is over."""

    kind: str
    why: str


Happened = Entered | Trouble
Together = Callable[[dict[str, Any], dict[str, Any]], float | None]


@dataclass(slots=True)
class _Closing:
    recording: Recording
    record: dict[str, Any]


@dataclass(slots=True)
class _Job:
    """Work for the archive's lane that is tried until it succeeds."""

    what: Callable[[], dict[str, Any] | None]
    ready: float = 0.0


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
    ) -> None:
        self.archive = archive
        self.volumes = volumes or Volumes(archive.root)
        self._threads = threads
        self._clock = clock
        self._failed = failed
        self._listen = listen
        self._finisher = Finisher(archive, self.volumes, listen)
        self._lane: Lane = self._new_lane("archive")
        self._scanner: Lane = self._new_lane("media")
        self._checker: Lane = self._new_lane("check")
        self._happened: queue.SimpleQueue[Happened] = queue.SimpleQueue()
        self._sequences: dict[str, int] = {}
        self._numbering = threading.Lock()
        self._open: Recording | None = None
        self._closing: list[_Closing] = []
        self._again: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        self._waiting: list[_Job] = []
        self._completing: set[str] = set()
        self._flags: set[str] = set()
        self._given = 0
        self._done = 0
        self._resumable: LeftCall | None = None
        self._started = 0.0
        self._next_scan = 0.0
        self._scanning = False

    def _new_lane(self, name: str = "recording") -> Lane:
        return Threaded(name, self._failed) if self._threads else AtOnce()

    # Recording

    def begin(self, record: dict[str, Any]) -> Recording:
        """Open a recording; it has its id and sequence number at once."""
        line = str(record["line"])
        record = {**record, "id": uuid7(), "sequence": self._number(line)}
        return self._opened(Recording(record, self.volumes, self._new_lane, self._clock))

    def resume(self, record: dict[str, Any]) -> Recording | None:
        """Go on with the call that a restart of the recorder broke off; None where there is none.

        `record["audio_monotonic"]`: the time of the first sample that comes now.
        """
        left, self._resumable = self._resumable, None
        if left is None:
            return None
        begun = left.record()
        since = record["audio_monotonic"] - begun["audio_monotonic"]
        offset = max(left.frames, round(since * left.rate))
        kept = {**begun, "outcome": record["outcome"]}
        for key in ("parts", "frames_expected", "frames_stored", "gaps", "clipped", "duration_s"):
            kept.pop(key, None)
        earlier = (left.facts(), offset, left.next_part)
        return self._opened(Recording(kept, self.volumes, self._new_lane, self._clock, *earlier))

    def _opened(self, recording: Recording) -> Recording:
        self._open = recording
        return recording

    def _number(self, line: str) -> int:
        """The next sequence number; given once, whether or not the call is entered yet."""
        with self._numbering:
            return self._numbered(line)

    def _numbered(self, line: str) -> int:
        if line not in self._sequences:
            try:
                self._sequences[line] = self.archive.last_sequence(line)
            except ArchiveError as error:  # the call is recorded all the same
                self._happened.put(Trouble("archive", str(error)))
                self._sequences[line] = self.archive.counted(line)
        self._sequences[line] += 1
        return self._sequences[line]

    def finish(self, recording: Recording, record: dict[str, Any]) -> None:
        """The call is over: close the recording, make its master, enter it. `Entered` follows."""
        whole = {**recording.record, **record, **recording.own}
        self._closing.append(_Closing(recording, whole))
        self._open = None
        recording.close()
        self._poll_closing()

    def erase(self, recording: Recording, record: dict[str, Any]) -> None:
        """Remove the audio of a running call; `add_row` with its identity enters the row."""
        self._open = None
        recording.erase()
        row = {**record, **self.identity(recording), "audio": None}
        waiting = self._waiting_row(recording.record)

        def note() -> None:
            with storing(waiting):
                waiting.parent.mkdir(exist_ok=True)
            write_json(waiting, row)  # a crash before the hang-up leaves the row

        self._try(note)

    @staticmethod
    def identity(recording: Recording) -> dict[str, Any]:
        """What makes the row of an erased recording the same call."""
        return {key: recording.record[key] for key in ("id", "sequence", "line")}

    def _waiting_row(self, record: dict[str, Any]) -> Path:
        return self.archive.root / OPEN / (name_of(record) + ROW)

    def add_row(self, record: dict[str, Any], begun: Recording | None = None) -> str:
        """Enter a call without audio; its id. `begun`: the recording that was erased."""
        if begun is not None:
            record = {**record, **self.identity(begun)}
        else:
            record = {**record, "id": uuid7(), "sequence": self._number(str(record["line"]))}

        def enter() -> dict[str, Any]:
            made = self.archive.add_row(record)
            if begun is not None:
                with storing(self.archive.root):
                    self._waiting_row(begun.record).unlink(missing_ok=True)
            return made

        self._try(enter)
        return str(record["id"])

    def add_blind(self, record: dict[str, Any], together: Together) -> None:
        """Enter time in which nothing could be recorded.

        `together(last, record)`: the length of both where it only goes on with the last entry.
        """

        def enter() -> dict[str, Any] | None:
            newest = self.archive.calls(limit=1)
            if newest and (both := together(newest[0], record)) is not None:
                self.archive.add_later(newest[0]["id"], duration_s=both)
                return None
            number = self._number(str(record["line"]))
            return self.archive.add_row({**record, "id": uuid7(), "sequence": number})

        self._try(enter)

    def correct(self, better: Callable[[dict[str, Any]], dict[str, Any] | None]) -> None:
        """The clock is right now: `better` gives what stands beside a call's start time."""
        self._try(lambda: self._correct(better))

    def _correct(self, better: Callable[[dict[str, Any]], dict[str, Any] | None]) -> None:
        for call in self.archive.calls(limit=CORRECTED):
            facts = better(call)
            if facts is not None and not call.get("corrected"):
                self.archive.add_later(str(call["id"]), corrected=facts)

    def beside(self, job: Callable[[], None]) -> None:
        """Have something done by the archive's lane, between calls; tried until it succeeds."""
        self._try(job)

    def flag(self, call_id: str) -> None:
        """Flag a call, entered or not yet."""
        if call_id in self._completing or any(call_id == one.recording.id for one in self._closing):
            self._flags.add(call_id)  # done when it is entered
        else:
            self._try(lambda: self.archive.flag(call_id, True))

    # Recovery

    def start(self, boot_id: str = "") -> None:
        """See what was left. The unfinished call of seconds ago waits for `resume`.

        `boot_id`: of this run of the machine: monotonic times of another one mean nothing.
        """
        self.volumes.scan()
        left = left_calls(self.volumes)
        self._count(left)
        self._started = now = self._clock()
        if left and boot_id and _goes_on(left[-1], boot_id, now):
            self._resumable = left.pop()
        self._lane.submit(lambda: self._recover(left))

    def _count(self, left: list[LeftCall]) -> None:
        """The numbers that calls have which are not entered yet are not given again."""
        taken = [one.sequence for one in left]
        for waiting in left_rows(self.volumes):
            row = read_json(waiting) or {}
            if type(row.get("sequence")) is int:
                taken.append((str(row.get("line")), int(row["sequence"])))
        for line, number in filter(None, taken):
            before = self._number(line) - 1
            self._sequences[line] = max(before, number)
        for one in left:
            if one.sequence is None:
                one.number = self._number("1")

    def give_up_resuming(self) -> None:
        """The line is on-hook: the call that was broken off is over."""
        left, self._resumable = self._resumable, None
        if left is not None:
            self._lane.submit(lambda: self._recover([left]))

    @property
    def resumable(self) -> bool:
        """Whether a call was broken off that may go on."""
        return self._resumable is not None

    def goes_on(self, off_hook_by: float) -> dict[str, Any] | None:
        """The record of the call that goes on, where the line was off-hook from the start on."""
        if self._resumable is None or self._started < off_hook_by:
            return None
        return self._resumable.record()

    def _recover(self, calls: list[LeftCall]) -> None:
        try:
            self._recovered(calls)
        except CatalogueCorrupt:
            self._renew()
            self._recovered(calls)

    def _recovered(self, calls: list[LeftCall]) -> None:
        archive = self.archive
        report = Report(set_aside=archive.set_aside)
        if archive.fresh:
            archive.fresh = False
            self._checker.submit(self._fill)  # may take long: calls go on being entered meanwhile
        for waiting in left_rows(self.volumes):
            enter_row(archive, waiting, report)
        for left in calls:
            close_left(archive, self.volumes, left, report, self._listen)
        for record in report.closed:
            self._happened.put(Entered(record))
        if report.bad:
            self._happened.put(Trouble("recovered", report.words() + "."))

    def check(self) -> None:
        """Compare all records with the catalogue, beside everything else; a damaged one is made
        anew. A medium that lied about its syncs shows so: what it still has is entered again."""
        self._checker.submit(self._check)

    def _check(self) -> None:
        report = Report()
        try:
            if self.archive.check() is not None:
                self.archive.renew()
                report.set_aside = self.archive.set_aside
            rebuild(self.archive, self.volumes, report, skip=self._unfinished())
        except ArchiveError:
            return  # whoever enters the next call hears of it, and tells it
        if report.bad or report.entered:
            self._happened.put(Trouble("recovered", report.words() + "."))

    def _fill(self) -> None:
        """The catalogue is new: every record that is on a medium is entered."""
        report = Report()
        try:
            rebuild(self.archive, self.volumes, report, skip=self._unfinished())
        except CatalogueCorrupt:
            self._renew()
        if report.bad or report.entered:
            self._happened.put(Trouble("recovered", report.words() + "."))

    def _unfinished(self) -> list[LeftCall]:
        """Calls that are not complete yet: what of them lies in its place is entered later."""
        return left_calls(self.volumes)

    def _renew(self) -> None:
        """The catalogue turned out to be damaged."""
        report = Report()
        self.archive.renew()
        report.set_aside = self.archive.set_aside
        rebuild(self.archive, self.volumes, report, skip=self._unfinished())
        self._happened.put(Trouble("recovered", report.words() + "."))

    # What goes on beside

    def poll(self) -> list[Happened]:
        """Let everything that goes on beside go on; what has happened since the last time."""
        now = self._clock()
        if self._open is not None:
            self._open.poll()
        self._poll_closing()
        while not self._again.empty():
            self._waiting.append(self._again.get())
        due = [job for job in self._waiting if now >= job.ready]
        self._waiting = [job for job in self._waiting if now < job.ready]
        for job in due:
            self._submit(job)
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
                if call_id in self._flags:
                    self._flags.discard(call_id)
                    self.flag(call_id)
        return happened

    def _scan(self) -> None:
        """Media come and go; what lies on one that has come is taken up."""
        try:
            new = self.volumes.scan()
            now = self._clock()
            for volume in self.volumes.here():
                if volume.failed and now >= volume.avoided_until:
                    volume.failed = False  # what was left on it is looked at once more
                    new.append(volume)
            for volume in new:
                self._lane.submit(lambda volume=volume: self._take_up(volume))  # type: ignore[misc]
            self._happened.put(Trouble("medium", " ".join(self.volumes.warnings)))
        finally:
            self._scanning = False

    def _take_up(self, volume: Volume) -> None:
        try:
            self._taken_up(volume)
        except CatalogueCorrupt:
            self._renew()
            self._taken_up(volume)

    def _taken_up(self, volume: Volume) -> None:
        report = Report()
        calls = [
            left
            for left in left_calls(self.volumes)
            if any(part.volume == volume.id for part in left.parts) and not self._is_running(left)
        ]
        for left in calls:
            close_left(self.archive, self.volumes, left, report, self._listen)
        try:
            report.entered = len(self.archive.enter_missing({volume.id: volume.root}))
        except CatalogueCorrupt:
            raise
        except ArchiveError as error:
            report.trouble.append(str(error))
        for record in report.closed:
            self._happened.put(Entered(record))
        if report.bad:
            self._happened.put(Trouble("recovered", f"{volume.name}: {report.words()}."))

    def _is_running(self, left: LeftCall) -> bool:
        """Whether the call is being recorded or completed now: its parts are not left over."""
        ids = {str(part.begun.get("id")) for part in left.parts}
        running = [one.recording.id for one in list(self._closing)]
        if (current := self._open) is not None:
            running.append(current.id)
        return bool(ids & {*running, *self._completing})

    def _poll_closing(self) -> None:
        for one in list(self._closing):
            if one.recording.poll():
                self._closing.remove(one)
                record = {**one.record, **one.recording.facts()}
                bases = tuple(base for _, base in one.recording.bases())
                self._complete(record, bases)

    def _complete(self, record: dict[str, Any], bases: tuple[Path, ...]) -> None:
        call_id = str(record["id"])
        self._completing.add(call_id)

        def complete() -> dict[str, Any]:
            self._finisher.note_closed(record)
            self._finisher.enter_early(record)
            return self._finisher.complete(record, bases)

        self._try(complete)

    def _try(self, what: Callable[[], dict[str, Any] | None]) -> None:
        self._given += 1
        self._submit(_Job(what))

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
            job.ready = self._clock() + TRY_AGAIN_S
            self._again.put(job)
            self._happened.put(Trouble("archive", str(error)))
            return
        self._happened.put(Trouble("archive", ""))
        if made is not None:
            self._happened.put(Entered(made))
        self._done += 1

    @property
    def trouble(self) -> str:
        """What is wrong with the media of the running recordings; empty where nothing is."""
        running = [self._open, *(one.recording for one in self._closing)]
        return " ".join(one.trouble for one in running if one is not None and one.trouble)

    @property
    def slow(self) -> str:
        """Which medium keeps a running recording waiting; empty where none does."""
        return "" if self._open is None else self._open.slow

    @property
    def idle(self) -> bool:
        """Whether everything that was given is on a medium and entered."""
        return not self._closing and self._given == self._done

    def stop(self, patience_s: float = 30.0) -> list[Happened]:
        """Wait until all is done, but not for ever; what happened meanwhile."""
        happened = self.poll()
        until = self._clock() + patience_s
        while not self.idle and self._clock() < until:
            time.sleep(0.01)
            happened += self.poll()
        self._scanner.end()
        self._checker.end()
        self._lane.end()
        if isinstance(self._lane, Threaded):
            self._lane.join(max(0.1, until - self._clock()))
        return happened + self.poll()


def _goes_on(left: LeftCall, boot_id: str, now: float) -> bool:
    """Whether the call was being recorded, in this run of the machine, a moment ago."""
    if left.closed is not None or not left.parts[-1].begun:
        return False
    begun = left.record()
    at = begun.get("audio_monotonic")
    if begun.get("boot_id") != boot_id or not isinstance(at, int | float):
        return False
    return bool(0 <= now - (at + left.frames / left.rate) <= RESUMED_S)
