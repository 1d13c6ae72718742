"""Rows without audio: missed calls, erased ones, and time in which nothing could be recorded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from firmware.archive.archive import Archive
from firmware.archive.files import storing
from firmware.archive.identity import uuid7
from firmware.archive.jobs import Jobs
from firmware.archive.layout import OPEN, ROW, name_of
from firmware.archive.numbering import Numbers
from firmware.archive.recording import Recording

Together = Callable[[dict[str, Any], dict[str, Any]], float | None]


class Rows:
    """Each is entered by a job, which is tried until it succeeds."""

    def __init__(self, archive: Archive, jobs: Jobs, numbers: Numbers) -> None:
        self._archive = archive
        self._jobs = jobs
        self._numbers = numbers

    def note_erased(self, recording: Recording, record: dict[str, Any]) -> None:
        """A running call has lost its audio: a crash before the hang-up leaves the row."""
        row = {**record, **_identity(recording), "audio": None}
        waiting = self._waiting(recording.record)

        def note() -> None:
            with storing(waiting):
                waiting.parent.mkdir(exist_ok=True)
            self._archive.vault.prepare(row, sound=False)
            self._archive.vault.write_json(waiting, row)

        self._jobs.add(note)

    def _waiting(self, record: dict[str, Any]) -> Path:
        return self._archive.root / OPEN / (name_of(record) + ROW)

    def add(self, record: dict[str, Any], begun: Recording | None = None) -> str:
        """Enter a call without audio; its id. `begun`: the recording that was erased."""
        if begun is not None:
            record = {**record, **_identity(begun)}
        else:
            number = self._numbers.next(str(record["line"]))
            record = self._archive.vault.marked({**record, "id": uuid7(), "sequence": number})

        def enter() -> dict[str, Any]:
            made = self._archive.add_row(record)
            if begun is not None:
                with storing(self._archive.root):
                    self._waiting(begun.record).unlink(missing_ok=True)
            return made

        self._jobs.add(enter)
        return str(record["id"])

    def add_blind(self, record: dict[str, Any], together: Together) -> None:
        """Enter time in which nothing could be recorded, or lengthen the last entry."""

        def enter() -> dict[str, Any] | None:
            newest = self._archive.calls(limit=1)
            if newest and (both := together(newest[0], record)) is not None:
                self._archive.add_later(newest[0]["id"], duration_s=both)
                return None
            number = self._numbers.next(str(record["line"]))
            return self._archive.add_row({**record, "id": uuid7(), "sequence": number})

        self._jobs.add(enter)


def _identity(recording: Recording) -> dict[str, Any]:
    """What makes the row of an erased recording the same call."""
    kept = ("id", "sequence", "line", "sealed")
    return {key: recording.record[key] for key in kept if key in recording.record}
