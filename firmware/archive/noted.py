"""Calls whose sound waits in memory leave a row in `open/`: a power cut then loses the sound, and
not that there was a call. The row goes when the call is stored after all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from firmware.archive.archive import Archive
from firmware.archive.files import storing
from firmware.archive.gaps import NOT_STORED
from firmware.archive.jobs import Jobs
from firmware.archive.layout import OPEN, ROW, name_of
from firmware.archive.recording import Recording

AFTER_S = 5.0  # what waits so long has found no medium at once


class Noted:
    """Of the archive's own medium, on which a record often has room where a recording has none."""

    def __init__(self, archive: Archive, jobs: Jobs) -> None:
        self._archive = archive
        self._jobs = jobs
        self._noted: dict[str, tuple[Path, bool]] = {}

    def note(self, recording: Recording, record: dict[str, Any], final: bool) -> None:
        """Leave its row, where it waits; once while it runs, and once more when it is over."""
        if not recording.failed or recording.waiting_s < AFTER_S:
            return
        path, was_final = self._noted.get(recording.id, (None, False))
        if path is not None and (was_final or not final):
            return
        path = path or self._archive.root / OPEN / (name_of(record) + ROW)
        self._noted[recording.id] = (path, final)
        frames = recording.frames
        row = {**record, "audio": None, "frames_expected": frames, "frames_stored": 0}
        row["gaps"] = [{"offset": 0, "count": frames, "reason": NOT_STORED}]
        if not final:
            row["outcome"] = "unfinished"
            row["duration_s"] = round(frames / recording.rate, 3)
        self._jobs.add(lambda: self._write(path, row))

    def _write(self, path: Path, row: dict[str, Any]) -> None:
        if str(row["id"]) not in self._noted:
            return  # it is stored meanwhile
        with storing(path):
            path.parent.mkdir(exist_ok=True)
        self._archive.vault.prepare(row, sound=False)
        self._archive.vault.write_json(path, row)

    def over(self, call_id: str) -> None:
        """The call is entered, or its audio was erased."""
        path, _ = self._noted.pop(call_id, (None, False))
        if path is not None:
            self._jobs.add(lambda: self._remove(path))

    @staticmethod
    def _remove(path: Path) -> None:
        with storing(path):
            path.unlink(missing_ok=True)
