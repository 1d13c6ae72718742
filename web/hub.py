"""One subscription to the recorder for all browsers: its state is told to every open stream."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from firmware.control import ControlClient, ControlError

STREAMS = 12
HEARTBEAT_S = 15.0
LOOK_S = 1.0
KEPT = 64  # news for a browser that is slow to take them
TRY_AGAIN_S = 2.0
NEWS = ("call", "flagged", "wizard")  # of the others a page needs to know the new state only
MEASURED = ("level", "volts")  # of these the state does not change


class Hub:
    """The thread begins with the first stream; without one nobody asks the recorder."""

    def __init__(self, control: Path, streams: int = STREAMS) -> None:
        self._control = control
        self._free = threading.BoundedSemaphore(streams)
        self._changed = threading.Condition()
        self._version = 0
        self._news: deque[tuple[int, str, dict[str, Any]]] = deque(maxlen=KEPT)
        self._state: dict[str, Any] = {"ok": False}
        self._open = 0
        self._thread: threading.Thread | None = None

    def enter(self) -> int | None:
        """Take one of the streams: what `news` goes on from; None where all are taken."""
        if not self._free.acquire(blocking=False):
            return None
        with self._changed:
            seen = self._version
            self._open += 1
            if self._thread is None:
                self._thread = threading.Thread(target=self._follow, name="hub", daemon=True)
                self._thread.start()
        return seen

    def leave(self) -> None:
        """Give the stream back."""
        with self._changed:
            self._open -= 1
        self._free.release()

    def news(
        self, seen: int, alive: Callable[[], bool]
    ) -> Iterator[tuple[str, dict[str, Any]] | None]:
        """(event, data) as things happen; None as a sign of life when nothing does.

        Ends when nobody is `alive` at the other end: a stream that was left is free again at once.
        """
        told, last_state = time.monotonic(), None
        while alive():
            with self._changed:
                if seen == self._version:
                    self._changed.wait(LOOK_S)
                fresh = [one for one in self._news if one[0] > seen]
                lost = self._version - seen > len(fresh)
                seen, state = self._version, self._state
            if not fresh:
                if time.monotonic() - told > HEARTBEAT_S:
                    told = time.monotonic()
                    yield None
                continue
            told = time.monotonic()
            if state != last_state:
                last_state = state
                yield "state", state
            for _version, event, data in fresh:
                if event != "state":
                    yield event, data
            if lost:
                yield "missed", {}

    def _tell(self, event: str, data: dict[str, Any], state: dict[str, Any] | None = None) -> None:
        with self._changed:
            self._version += 1
            self._news.append((self._version, event, data))
            if state is not None:
                self._state = state
            self._changed.notify_all()

    def _follow(self) -> None:
        client = ControlClient(self._control)
        while True:
            try:
                for event in client.events(greeted=True):
                    if event.get("event") in MEASURED:
                        self._tell(str(event["event"]), event)
                    else:
                        state = client.request({"do": "state"})
                        name = str(event.get("event"))
                        self._tell(name if name in NEWS else "state", event, state)
                    if self._over():
                        return
            except (ControlError, OSError, ValueError):
                pass  # told below, and asked again
            silent = {"ok": False}
            self._tell("state", silent, silent)
            if self._over():
                return
            time.sleep(TRY_AGAIN_S)

    def _over(self) -> bool:
        with self._changed:
            if self._open <= 0:
                self._thread = None
                return True
            return False
