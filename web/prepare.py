"""What need not hold up an answer: waveforms, MP3 copies, and the mark that a call was heard.

One at a time, and while no page is being made: this thread and those that make pages share the
interpreter's one lock. (At a low priority it would be worse: a busy machine would then stop it for
long with the lock in its hand.)
"""

from __future__ import annotations

import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from firmware.archive.errors import ArchiveError
from firmware.archive.mp3 import mp3_of, room_of
from firmware.archive.waveform import Waveforms
from web.shelf import Shelf

WAITING = 200
AGAIN = "seal"  # what may be asked again as soon as it is done: the files may change
QUIET_S = 0.1
PATIENCE_S = 2.0  # somebody who goes on asking waits for his waveforms no longer than this
IDLE_S = 30.0  # without work the thread ends, and its memory goes


class Preparer:
    """A thread that begins with the first work; what does not fit in the queue is not done."""

    def __init__(self, shelf: Shelf, waves: Waveforms, cache: Callable[[], Path]) -> None:
        self._shelf = shelf
        self._waves = waves
        self._cache = cache
        self._work: queue.Queue[tuple[str, str, Callable[[str], object]]] = queue.Queue(WAITING)
        self._lock = threading.Lock()
        self._asked: set[tuple[str, str]] = set()
        self._thread: threading.Thread | None = None
        self._last = 0.0

    def wave(self, call_id: str) -> None:
        """See to it that the call's waveform is made."""
        self._put("wave", call_id, self._make_wave)

    def mp3(self, call_id: str) -> None:
        """See to it that the call's MP3 is made."""
        self._put("mp3", call_id, self._make_mp3)

    def heard(self, call_id: str) -> None:
        """Mark the call as heard; a medium may take long over it."""
        self._put("heard", call_id, lambda one: self._shelf.archive.heard(one))

    def seal(self, call_id: str, look: Callable[[str], object]) -> None:
        """See to it that somebody looks whether the call is as it was sealed."""
        self._put(AGAIN, call_id, look)

    def asked(self) -> None:
        """A page is asked for: it goes first."""
        self._last = time.monotonic()

    def _let_pages_go_first(self) -> None:
        until = time.monotonic() + PATIENCE_S
        while (now := time.monotonic()) < until and now - self._last < QUIET_S:
            time.sleep(QUIET_S)

    def _put(self, kind: str, call_id: str, make: Callable[[str], object]) -> None:
        with self._lock:
            if (kind, call_id) in self._asked:
                return
            try:
                self._work.put_nowait((kind, call_id, make))
            except queue.Full:
                return
            self._asked.add((kind, call_id))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="prepare", daemon=True)
                self._thread.start()

    def _make_wave(self, call_id: str) -> None:
        self._waves.of(call_id, self._shelf.archive.sound(call_id))

    def _make_mp3(self, call_id: str) -> None:
        archive = self._shelf.archive
        mp3_of(archive.sound(call_id), self._cache(), room_of(archive.vault.private))

    def _run(self) -> None:
        while True:
            try:
                kind, call_id, make = self._work.get(timeout=IDLE_S)
            except queue.Empty:
                with self._lock:
                    if self._work.empty():
                        self._asked.clear()
                        self._thread = None
                        return
                continue
            if kind == AGAIN:  # somebody looks at the page and waits for it
                with self._lock:
                    self._asked.discard((kind, call_id))
            else:
                self._let_pages_go_first()
            try:
                make(call_id)
            except (ArchiveError, OSError) as error:
                # Whoever opens the call is told; here nobody is.
                print(f"tipring-web: {call_id}: not prepared: {error}", file=sys.stderr)
            except Exception:  # a fault of ours with one call must not end the work on all others
                traceback.print_exc(file=sys.stderr)
