"""Work that takes longer than an answer may: bundles and erasures, one at a time, with progress."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from firmware.archive.errors import ArchiveError
from firmware.evidence.errors import EvidenceError

KEPT_S = 3600.0
MOST_WAITING = 4
LEFT_FREE = 64 << 20  # bytes that the work leaves for the recordings
Tell = Callable[[str, float], None]


class TooMuch(Exception):
    """More work is waiting than the box takes, or its medium has no room for it."""


@dataclass(slots=True)
class Work:
    """`state`: waiting, running, done or failed. `step`: what is being done, in English; `share`:
    how far it is, 0 to 1. `file`: what there is to download, under `name`; `why`: what failed;
    `found`: what was found wrong, in English, one line each."""

    id: str
    kind: str
    by: str
    name: str = ""
    state: str = "waiting"
    step: str = ""
    share: float = 0.0
    file: Path | None = None
    why: str = ""
    count: int = 0
    found: list[str] = field(default_factory=list)
    ended: float = 0.0


Do = Callable[[Work, Path, Tell], None]


class Works:
    """`folder`: where files are made now; what a former run left there is removed."""

    def __init__(self, folder: Callable[[], Path]) -> None:
        self._where = folder
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._works: dict[str, Work] = {}
        with suppress(OSError):
            shutil.rmtree(folder())

    def start(self, kind: str, by: str, name: str, do: Do, needs: int = 0) -> Work:
        """Begin. `needs`: bytes on the medium; `do(work, path, tell)` writes `path` where there is
        a file to hand out. Raises TooMuch."""
        made = Work(secrets.token_hex(8), kind, by, name)
        with self._lock:
            self._drop_old()
            waiting = [one for one in self._works.values() if one.state in ("waiting", "running")]
            if len(waiting) >= MOST_WAITING:
                raise TooMuch("work")
            self._where().mkdir(parents=True, exist_ok=True, mode=0o700)
            if needs and shutil.disk_usage(self._where()).free < needs + LEFT_FREE:
                raise TooMuch("room")
            self._works[made.id] = made
        threading.Thread(target=self._run, args=(made, do), name="work", daemon=True).start()
        return made

    def get(self, work_id: str, by: str) -> Work | None:
        """One's own work; None where there is none, or it is another's."""
        with self._lock:
            found = self._works.get(work_id)
        return found if found is not None and found.by == by else None

    def _run(self, work: Work, do: Do) -> None:
        path = self._where() / work.id
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
        with self._turn:
            work.state = "running"

            def tell(step: str, share: float) -> None:
                work.step, work.share = step, share

            try:
                do(work, path, tell)
                work.file = path if path.exists() else None
                work.state = "done"
            except (EvidenceError, ArchiveError, OSError) as error:
                work.state, work.why = "failed", str(error)
            except Exception as error:  # a fault of ours is told, and does not hang forever
                traceback.print_exc(file=sys.stderr)
                work.state, work.why = "failed", f"{type(error).__name__}: {error}"
            if work.state == "failed":
                path.unlink(missing_ok=True)
            work.ended = time.monotonic()

    def _drop_old(self) -> None:
        """Forget what ended an hour ago; its file goes."""
        now = time.monotonic()
        for work in [one for one in self._works.values() if one.ended]:
            if now - work.ended > KEPT_S:
                if work.file is not None:
                    work.file.unlink(missing_ok=True)
                del self._works[work.id]
