"""The sequence numbers of calls: each given once, and none left out."""

from __future__ import annotations

import threading

from firmware.archive.archive import Archive
from firmware.archive.errors import ArchiveError
from firmware.archive.leftovers import LeftCall, left_rows
from firmware.archive.told import Inbox, Trouble
from firmware.archive.volume import Volumes


class Numbers:
    """Of every line; for several threads."""

    def __init__(self, archive: Archive, told: Inbox) -> None:
        self._archive = archive
        self._told = told
        self._last: dict[str, int] = {}
        self._lock = threading.Lock()

    def next(self, line: str) -> int:
        """The next sequence number; given once, whether or not the call is entered yet."""
        with self._lock:
            return self._next(line)

    def _next(self, line: str) -> int:
        if line not in self._last:
            try:
                self._last[line] = self._archive.last_sequence(line)
            except ArchiveError as error:  # the call is recorded all the same
                self._told.put(Trouble("archive", str(error)))
                self._last[line] = self._archive.counted(line)
        self._last[line] += 1
        return self._last[line]

    def count(self, left: list[LeftCall], volumes: Volumes) -> None:
        """The numbers that calls have which are not entered yet are not given again."""
        taken = [one.sequence for one in left]
        for waiting in left_rows(volumes):
            row = volumes.vault.read_json(waiting) or {}
            if type(row.get("sequence")) is int:
                taken.append((str(row.get("line")), int(row["sequence"])))
        for line, number in filter(None, taken):
            before = self.next(line) - 1
            self._last[line] = max(before, number)
        for one in left:
            if one.sequence is None:
                one.number = self.next("1")
