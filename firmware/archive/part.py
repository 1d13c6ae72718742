"""One file of a running recording on one volume, written by a lane of its own."""

from __future__ import annotations

from collections.abc import Callable
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
    """One file on one volume; `confirmed` counts samples of the call, not of the part."""

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
        self._left = False
        self._checked = 0
        self._writer: RecordingWriter | None = None
        self._do(self._open)

    def _do(self, job: Callable[[], None]) -> None:
        self._lane.submit(lambda: self._guarded(job))

    def _guarded(self, job: Callable[[], None]) -> None:
        if self._left or self.error is not None:
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
        self._vault.write_json(
            beside(self.base, BEGUN), self._record
        )  # a crash then knows the call
        rate = int(self._record["rate"])
        self._writer = RecordingWriter(beside(self.base, PART), rate, self._vault)

    def append(self, data: bytes) -> None:
        """Have PCM written."""
        self._do(lambda: self._append(data))

    def _append(self, data: bytes) -> None:
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
        """Do nothing more with it; its thread ends when its medium answers."""
        self._left = True
        self._lane.submit(self._abandon)
        self._lane.end()

    def _abandon(self) -> None:
        if self._writer is not None:
            self._writer.abandon()

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
