"""The capture thread: it reads the sound card and does nothing else."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from firmware.audio.frames import AudioSource, Period
from firmware.watchdog import Watchdog


class CaptureThread:
    """`put` takes each period and gap, and, as text, what is wrong with the card; "" says that it
    is well again. `fault` is told of a fault of the program itself, which ends the thread.
    """

    def __init__(
        self,
        source: AudioSource,
        put: Callable[[Any], None],
        fault: Callable[[BaseException], None],
    ) -> None:
        self._source = source
        self._put = put
        self._fault = fault
        self._watchdog = Watchdog()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._capture, name="capture")
        self.worked_on = 0.0  # monotonic seconds: the stream is worked on up to there

    def start(self, now: float) -> None:
        """Capture; systemd is told that the recorder watches the line."""
        self.worked_on = now
        self._watchdog.ready()
        self._thread.start()

    def stop(self) -> bool:
        """Capture no more, and let the card go; whether anything was captured."""
        self._stopping.set()
        self.close()
        if self._thread.ident is None:
            return False
        self._thread.join(timeout=10)
        return True

    def close(self) -> None:
        """Let the card go; once more does nothing."""
        self._source.close()

    def _capture(self) -> None:
        told = ""
        try:
            while not self._stopping.is_set():
                item = self._source.read()
                if item is not None:
                    self._put(item)
                if isinstance(item, Period):
                    self._watchdog.flows(item.time, self.worked_on)
                trouble = getattr(self._source, "last_error", "")
                if trouble != told:
                    told = trouble
                    self._put(trouble)
        except Exception as error:
            self._fault(error)
