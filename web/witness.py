"""What people do with calls, entered in the box's signed log beside the access log."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from firmware.control import ControlClient, ControlError
from firmware.evidence.entries import Kind
from web.shelf import Shelf

if TYPE_CHECKING:
    from firmware.evidence.evidence import Evidence

KINDS = {
    "played": Kind.PLAYED,
    "downloaded": Kind.EXPORTED,
    "exported": Kind.EXPORTED,
    "flagged": Kind.FLAGGED,
    "unflagged": Kind.FLAGGED,
    "held": Kind.HELD,
    "released": Kind.RELEASED,
    "noted": Kind.NOTED,
    "deleted": Kind.DELETED,
    "asked to stop": Kind.NOTED,
    "not asked to stop": Kind.NOTED,
    "put in a case": Kind.NOTED,
    "taken from a case": Kind.NOTED,
    "settings changed": Kind.CONFIGURATION_CHANGED,
    "users changed": Kind.CONFIGURATION_CHANGED,
    "letter written": Kind.EXPORTED,
    "exported contacts": Kind.EXPORTED,
}
OF_THE_BOX = (Kind.EXPORTED, Kind.CONFIGURATION_CHANGED)  # what needs no call
Tell = Callable[[str], None]


def alarm_of_the_recorder(control: Path) -> Tell:
    """Shows trouble among the recorder's alarms, where there is a recorder."""

    def tell(why: str) -> None:
        try:
            ControlClient(control).request({"do": "alarm", "kind": "evidence", "why": why})
        except ControlError:
            return  # the page says already that no recorder answers

    return tell


class Witness:
    """Opens the log at the first entry. A log that cannot be written is an alarm; the page goes on.

    `by` is kept as the name of the page's user; numbers, names and notes of calls never are.
    """

    def __init__(self, shelf: Shelf, state_dir: Path, tell: Tell) -> None:
        self._shelf = shelf
        self._state_dir = state_dir
        self._tell = tell
        self._lock = threading.Lock()
        self._entering = threading.Lock()
        self._evidence: Evidence | None = None

    def evidence(self) -> Evidence:
        """The evidence of the archive, opened once. Raises EvidenceError, ArchiveError, OSError."""
        from firmware.evidence.evidence import Evidence

        with self._lock:
            if self._evidence is None:
                self._evidence = Evidence(self._shelf.archive, self._state_dir)
            return self._evidence

    def saw(self, what: str, by: str, call_id: str) -> None:
        """Enter it, where it is something that the log knows."""
        kind = KINDS.get(what)
        if kind is None or not (call_id or kind in OF_THE_BOX):
            return
        from firmware.archive.errors import ArchiveError
        from firmware.evidence.errors import EvidenceError

        try:
            evidence = self.evidence()
            with self._entering:
                if kind is Kind.PLAYED:
                    evidence.played(call_id, by)
                elif kind is not Kind.DELETED or not evidence.is_gone(call_id):
                    evidence.happened(kind, call_id or None, by=by, what=what)
        except (EvidenceError, ArchiveError, OSError) as error:
            self._forget()
            self._tell(f"What was done with a call could not be entered in the log: {error}")

    def _forget(self) -> None:
        with self._lock:
            self._evidence = None
