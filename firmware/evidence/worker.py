"""The evidence as a process of its own: it follows the recorder and never keeps it waiting.

The recorder has no time to spare for it. What goes wrong is told to the recorder, which shows it
among its alarms.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from firmware.config import Config
from firmware.control import ControlClient, ControlError
from firmware.evidence.sealer import Sealer
from firmware.storage import archive_of

AGAIN_S = 2.0


class Worker:
    """Runs until `stop()`."""

    def __init__(self, config: Config, again_s: float = AGAIN_S) -> None:
        self._client = ControlClient(Path(config.state.control))
        self._again_s = again_s
        self._stopping = threading.Event()
        self._untold: dict[str, str] = {}
        archive = archive_of(config, rebuild=False, patient=True)
        self._sealer = Sealer(config, archive, self._alarm)
        self._follower = threading.Thread(target=self._follow, name="follower", daemon=True)

    def start(self) -> None:
        """Seal what was missed, and follow the recorder from now on."""
        self._sealer.start()
        self._follower.start()

    def stop(self) -> None:
        """Enter what waits and that the evidence was stopped as it should be."""
        self._stopping.set()
        self._sealer.close()

    def ask_to_stop(self) -> None:
        """Let `wait` return; for a signal handler."""
        self._stopping.set()

    def wait(self) -> None:
        """Until somebody asks to stop."""
        self._stopping.wait()

    def _follow(self) -> None:
        while not self._stopping.is_set():
            try:
                for message in self._client.events(greeted=True):
                    if message.get("event") == "subscribed":
                        self._sealer.catch_up()
                        self._tell()
                    self._sealer.heard(message)
            except (ControlError, OSError, ValueError):
                pass  # the recorder is away: what it does meanwhile is caught up with
            self._stopping.wait(self._again_s)

    def _alarm(self, kind: str, why: str) -> None:
        if why:
            print(f"tipring: {why}", file=sys.stderr, flush=True)
        self._untold[kind] = why
        self._tell()

    def _tell(self) -> None:
        for kind, why in list(self._untold.items()):
            try:
                self._client.request({"do": "alarm", "kind": kind, "why": why})
            except ControlError:
                return  # told when the recorder answers again
            if not why:
                self._untold.pop(kind, None)
