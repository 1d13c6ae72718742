"""A running call of which nothing is kept: a restart of the recorder must not record its rest.

A small file that is written anew while the call runs; where it is old, or of another run of the
machine, the call is over.
"""

from __future__ import annotations

from pathlib import Path

from firmware.archive.files import read_json, storing, write_json

NAME = "unkept.json"
FRESH_S = 60.0


class Unkept:
    """Of the archive in `root`. Raises ArchiveError where the medium refuses."""

    def __init__(self, root: Path) -> None:
        self._path = root / NAME
        self._before = ""
        self._started = 0.0

    def note(self, why: str, boot_id: str, now: float) -> None:
        """Nothing is kept of the call that runs at `now`, in monotonic seconds; `why`: private, or
        which rule refused it."""
        write_json(self._path, {"why": why, "boot_id": boot_id, "at": now})

    def clear(self) -> None:
        """That call is over."""
        with storing(self._path):
            self._path.unlink(missing_ok=True)

    def start(self, boot_id: str, now: float) -> None:
        """The recorder starts: see whether such a call ran a moment ago."""
        self._started = now
        self._before = self._left(boot_id, now) if boot_id else ""

    def watched(self, now: float) -> None:
        """The line is watched from now on."""
        self._started = now

    def before(self, off_hook_by: float) -> str:
        """Why nothing is kept of the call that a restart broke off, where it is the one that runs:
        the line was off-hook from the start on. Once; empty where there is none."""
        why, self._before = self._before, ""
        return why if self._started >= off_hook_by else ""

    def _left(self, boot_id: str, now: float) -> str:
        found = read_json(self._path) or {}
        at, why = found.get("at"), found.get("why")
        if found.get("boot_id") != boot_id or not isinstance(at, int | float):
            return ""
        return str(why or "") if 0 <= now - at <= FRESH_S else ""
