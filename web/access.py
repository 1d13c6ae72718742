"""The access log: every play, download and deletion, one line each, only ever added to."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

SAME_PLAY_S = 600.0  # a player asks for many parts of one recording


class AccessLog:
    """`path`: JSON lines, mode 0600. `saw(what, by, call)` is told each entry as well."""

    def __init__(self, path: Path, saw: Callable[[str, str, str], None] | None = None) -> None:
        self._path = path
        self._saw = saw
        self._lock = threading.Lock()
        self._played: dict[tuple[str, str], float] = {}

    def entry(self, what: str, by: str, call_id: str = "", **more: Any) -> None:
        """Add a line: who did what with which call, when. Raises OSError where it cannot."""
        row = {
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "what": what,
            "by": by,
            "call": call_id,
            **more,
        }
        line = json.dumps(row, ensure_ascii=False).encode() + b"\n"
        with self._lock:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(handle, line)
            finally:
                os.close(handle)
        if self._saw is not None:
            self._saw(what, by, call_id)

    def play(self, by: str, call_id: str, address: str) -> bool:
        """Enter a play once, whatever parts of the file are asked for; whether it was new."""
        now, key = time.monotonic(), (by, call_id)
        with self._lock:
            last = self._played.get(key)
            self._played[key] = now
            if len(self._played) > 2000:
                self._played = {k: at for k, at in self._played.items() if now - at < SAME_PLAY_S}
        if last is not None and now - last < SAME_PLAY_S:
            return False
        self.entry("played", by, call_id, address=address)
        return True

    def newest(self, limit: int = 200) -> Iterator[dict[str, Any]]:
        """The last entries, newest first."""
        try:
            with self._path.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - 512 * limit))
                lines = file.read().splitlines()
        except FileNotFoundError:
            return
        for line in reversed(lines[-limit:]):
            try:
                row = json.loads(line)
            except ValueError:
                continue  # the first may be cut
            if isinstance(row, dict):
                yield row
