"""One file of a running recording on one volume, written by a lane of its own."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from firmware.archive.errors import ArchiveError, ArchiveUnwritable
from firmware.archive.files import storing
from firmware.archive.lane import Lane
from firmware.archive.layout import BEGUN, OPEN, PART, beside, name_of
from firmware.archive.vault import Vault
from firmware.archive.volume import Volume
from firmware.archive.writer import RecordingWriter

CHECK_BYTES = 2**18  # how often the space left is looked at


@dataclass(frozen=True, slots=True)
class PartFacts:
    """`offset`: where the part begins, in samples of the call; `frames`: how many count."""

    volume: str
    name: str
    offset: int
    frames: int


class Part:
    """One file on one volume; `confirmed` counts samples of the call, not of the part.

    `made`: there is something on the medium; `left`: nothing more is done with it.
    """

    def __init__(
        self,
        volume: Volume,
        record: dict[str, Any],
        number: int,
        offset: int,
        lane: Lane,
        vault: Vault,
    ) -> None:
        self._vault = vault
        self.volume = volume
        self.offset = offset
        self.confirmed = offset
        self.error: Exception | None = None
        self.ending = False
        self.closed = False
        suffix = f"-{number}" if number else ""
        self.base = volume.root / OPEN / (name_of(record) + suffix)
        self._record = {**record, "part": number, "part_offset": offset}
        self._lane = lane
        self.left = False
        self.made = False
        self._given: deque[bytes] = deque()
        self._checked = 0
        self._writer: RecordingWriter | None = None
        self._do(self._open)

    def _do(self, job: Callable[[], None]) -> None:
        self._lane.submit(lambda: self._guarded(job))

    def _guarded(self, job: Callable[[], None]) -> None:
        if self.left or self.error is not None:
            return
        try:
            job()
        except (ArchiveError, OSError) as error:
            self.error = error
            if self._writer is not None:
                self._writer.abandon()

    def _open(self) -> None:
        with storing(self.base):
            self.base.parent.mkdir(parents=True, exist_ok=True)
        self.volume.check_space()
        if beside(self.base, PART).exists():  # what tells its place must not be written over
            raise ArchiveUnwritable(f"{beside(self.base, PART)}: there is such a file already")
        self._vault.prepare(self._record, sound=True)
        self.made = True
        try:
            self._vault.write_json(beside(self.base, BEGUN), self._record)  # for a crash
            rate = int(self._record["rate"])
            self._writer = RecordingWriter(beside(self.base, PART), rate, self._vault)
        except (ArchiveError, OSError):
            self._undo()
            raise

    def _undo(self) -> None:
        """There is not one sample in it, and it is tried again and again: nothing stays of it."""
        with suppress(OSError):
            for ending in (PART, BEGUN):
                beside(self.base, ending).unlink(missing_ok=True)
            self.made = False

    def append(self, data: bytes) -> None:
        """Have PCM written."""
        self._given.append(data)
        self._do(self._append)

    def _append(self) -> None:
        try:
            data = self._given.popleft()
        except IndexError:
            return  # it was left just now
        if self._writer is None:
            return
        if self._writer.stored - self._checked >= CHECK_BYTES:
            self._checked = self._writer.stored
            self.volume.check_space()
        self._writer.append(data)
        self.confirmed = self.offset + self._writer.confirmed // 2

    def note(self, record: dict[str, Any]) -> None:
        """Have the record beside the part written anew: more is known of the call."""
        kept = {**record, "part": self._record["part"], "part_offset": self.offset}
        self._do(lambda: self._vault.write_json(beside(self.base, BEGUN), kept))

    def close(self) -> None:
        """Have the rest confirmed and the file closed."""
        self.ending = True
        self._do(self._close)

    def _close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self.confirmed = self.offset + self._writer.confirmed // 2
        self.closed = True
        self._lane.end()

    def leave(self) -> None:
        """Do nothing more with it; its thread ends when its medium answers. What it was given and
        has not written is let go."""
        self.left = True
        self._given.clear()
        self.volume.silent.add(self)
        self._lane.submit(self._abandon)
        self._lane.end()

    def _abandon(self) -> None:
        if self._writer is not None:
            self._writer.abandon()
        self.volume.silent.discard(self)

    def erase(self, lane: Lane | None = None) -> None:
        """Have the audio removed; by `lane` where the part's own has ended."""
        if lane is None:
            self.ending, lane = True, self._lane
        lane.submit(self._erase)
        lane.end()

    def _erase(self) -> None:
        try:
            if self._writer is not None:
                self._writer.erase()
            with storing(self.base):
                beside(self.base, BEGUN).unlink(missing_ok=True)
        except (ArchiveError, OSError) as error:
            self.error = error
