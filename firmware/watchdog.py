"""systemd's watchdog: told that all is well only while samples really flow and are worked on."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping

EVERY_S = 1.0
BACKLOG_S = 5.0  # of sound that waits to be worked on: more, and the recorder hangs


class Watchdog:
    """Does nothing where systemd did not start the process. See sd_notify(3)."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "")
        if self._address.startswith("@"):
            self._address = "\0" + self._address[1:]
        self._fed = float("-inf")

    def ready(self) -> None:
        """The recorder watches the line."""
        self._say("READY=1")

    def flows(self, captured: float, worked_on: float) -> None:
        """A period was captured; both are monotonic seconds of the stream.

        Only the capture loop calls it, and only with samples in its hands.
        """
        if captured - self._fed >= EVERY_S and captured - worked_on < BACKLOG_S:
            self._fed = captured
            self._say("WATCHDOG=1")

    def _say(self, text: str) -> None:
        if not self._address:
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
            try:
                channel.sendto(text.encode(), self._address)
            except OSError:
                return  # systemd will miss it, and that is what the watchdog is for
