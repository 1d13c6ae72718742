"""The recorder's witness: a thread that seals calls. Time-stamps are asked for by another process
(`tipring evidence stamp`), which alone has a way out of the house.

It hears what the recorder publishes and never keeps the recorder waiting. What goes wrong here is
an alarm; recording goes on.
"""

from __future__ import annotations

import hashlib
import json
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firmware.archive import going
from firmware.archive.errors import ArchiveError
from firmware.config import Config
from firmware.evidence.corrections import enter_corrections
from firmware.evidence.entries import Kind
from firmware.evidence.errors import Changed, EvidenceError
from firmware.evidence.evidence import Evidence, opened
from firmware.evidence.shelf import eraser

if TYPE_CHECKING:
    from firmware.archive import Archive

ALARM = "evidence"
LONGEST_WAIT_S = 3600.0
SHORTEST_WAIT_S = 1.0
RETRY_S = 60.0
PATIENCE = 5  # tries before a call that cannot be sealed is an alarm
Alarm = Callable[[str, str], None]
Message = dict[str, Any]


class Sealer:
    """`alarm(kind, why)` is called from this thread; an empty `why` says that it is over."""

    def __init__(self, config: Config, archive: Archive, alarm: Alarm) -> None:
        self._config = config
        self._archive = archive
        self._alarm = alarm
        self._inbox: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._evidence: Evidence | None = None
        self._again = 0.0
        self._trouble = ""
        self._waiting: dict[str, int] = {}
        self._thread = threading.Thread(target=self._run, name="sealer")

    def start(self) -> None:
        """Begin; the log is opened by the thread itself."""
        self._thread.start()

    def heard(self, message: Message) -> None:
        """Take what the recorder published: "call", "flagged" and "gone" are entered."""
        if message.get("event") in ("call", "flagged", "gone"):
            self._inbox.put(message)

    def catch_up(self) -> None:
        """Enter what was not heard: the recorder was away, or this was."""
        self._inbox.put({"event": "missed"})

    def close(self) -> None:
        """Enter what waits, and that the recorder was stopped as it should be."""
        if self._thread.ident is not None:
            self._inbox.put(None)
            self._thread.join(timeout=60)

    def _run(self) -> None:
        while True:
            if self._evidence is None:
                self._do(self._ready)
            wait = min(LONGEST_WAIT_S, max(SHORTEST_WAIT_S, self._again - time.time()))
            try:
                message = self._inbox.get(timeout=wait)
            except queue.Empty:
                self._do(self._enter_waiting)
                continue
            if message is None:
                self._do(self._stopped)
                return
            taken = message
            self._do(lambda: self._enter(taken))  # noqa: B023

    def _do(self, work: Callable[[], None]) -> None:
        try:
            work()
        except (EvidenceError, ArchiveError, OSError) as error:
            self._tell(str(error))
            self._again = time.time() + RETRY_S
        else:
            if self._evidence is not None:
                self._tell("")

    def _tell(self, why: str) -> None:
        if why != self._trouble:
            self._trouble = why
            self._alarm(ALARM, why)

    def _ready(self) -> None:
        """Open the log, enter what was missed, and whether the configuration is another."""
        evidence, why = opened(self._archive, Path(self._config.state.directory))
        if why:
            self._alarm(f"{ALARM}-replaced", why)
        eraser(evidence, Path(self._config.state.directory)).finish()
        missed = evidence.enter_missing()
        evidence.configured(hashlib.sha256(_canonical(self._config)).hexdigest())
        self._evidence = evidence
        self._enter_gone()
        self._waiting = dict.fromkeys(missed.left, 1)
        self._again = time.time() + (RETRY_S if self._waiting else LONGEST_WAIT_S)

    def _enter(self, message: Message) -> None:
        if self._evidence is None:
            return  # entered as missing once the log can be opened
        if message["event"] == "gone":
            self._enter_gone()
        elif message["event"] == "call":
            self._waiting[str(message["id"])] = 0
            self._enter_waiting()
        elif message["event"] == "missed":
            self._waiting |= dict.fromkeys(self._evidence.enter_missing().left, 1)
            self._enter_gone()
        else:
            self._evidence.happened(Kind.FLAGGED, str(message["id"]), on=True, by="button")

    def _enter_gone(self) -> None:
        """Enter the sound that was let go, by whomever, and is not in the log yet."""
        if self._evidence is None:
            return
        for call_id, facts in list(going.gone(self._archive)):
            if not self._evidence.is_gone(call_id):
                said = {"by": str(facts.get("by")), "why": str(facts.get("why"))}
                self._evidence.happened(Kind.DELETED, call_id, **said)
            going.entered(self._archive, call_id)

    def _enter_waiting(self) -> None:
        """Seal what waits. A long call may be in the list before its record is written, so the
        first failure is no alarm: it is tried again."""
        if self._evidence is None:
            return
        self._enter_gone()
        troubles = []
        for call_id, tries in list(self._waiting.items()):
            try:
                self._evidence.enter(call_id)
                del self._waiting[call_id]
            except (Changed, ArchiveError) as error:
                self._waiting[call_id] = tries + 1
                if tries >= PATIENCE:
                    troubles.append(f"The call {call_id} is not sealed: {error}")
        enter_corrections(self._archive, self._evidence.log)
        self._again = time.time() + (RETRY_S if self._waiting else LONGEST_WAIT_S)
        if troubles:
            raise Changed(" ".join(troubles[:3]))

    def _stopped(self) -> None:
        if self._evidence is not None:
            self._evidence.happened(Kind.STOPPED)
            self._evidence.close()


def _canonical(config: Config) -> bytes:
    return json.dumps(asdict(config), sort_keys=True).encode()
