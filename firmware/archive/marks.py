"""What the owner marks: it lives beside the recording, and in the catalogue."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

MARKED = (
    *("flagged", "note", "held", "held_by", "held_why", "only_for", "heard"),
    "asked_to_stop",
)


class Marks(ABC):
    """The marks of an archive's calls; each raises NoSuchCall or another ArchiveError."""

    def flag(self, call_id: str, on: bool) -> None:
        """Set or take the flag; it lives beside the recording too."""
        self._mark(call_id, flagged=on)

    def note(self, call_id: str, text: str) -> None:
        """Set the owner's note."""
        self._mark(call_id, note=text)

    def hold(self, call_id: str, on: bool, by: str = "", why: str = "") -> None:
        """Keep the call from retention and deletion, or let it go; `by` and `why` say whose."""
        self._mark(call_id, held=on, held_by=by if on else "", held_why=why if on else "")

    def claim(self, call_id: str, user_id: str) -> None:
        """Let only this user of the page see the call; "" gives it back to all."""
        self._mark(call_id, only_for=user_id)

    def heard(self, call_id: str) -> None:
        """Remember that it was played."""
        self._mark(call_id, heard=True)

    def ask_to_stop(self, call_id: str, words: str | None) -> None:
        """Mark the call in which the caller was asked not to call again; `words`: what was said,
        None takes the mark away."""
        self._mark(call_id, asked_to_stop=words)

    @abstractmethod
    def _mark(self, call_id: str, **marks: Any) -> None:
        """Keep them beside those that are there."""
