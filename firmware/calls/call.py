"""What is known of one call while it runs and when it is over."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Direction(StrEnum):
    """Who began it."""

    INCOMING = "incoming"
    OUTGOING = "outgoing"


class Outcome(StrEnum):
    """How it ended. `unknown`: an outgoing call whose tones do not tell."""

    ANSWERED = "answered"
    MISSED = "missed"
    NO_ANSWER = "no-answer"
    BUSY = "busy"
    CONGESTION = "congestion"
    UNOBTAINABLE = "unobtainable"
    NOT_DIALLED = "not-dialled"
    UNKNOWN = "unknown"
    PRIVATE = "private"
    UNFINISHED = "unfinished"
    LINE_CUT = "line-cut"
    TOO_LONG = "off-hook-too-long"


@dataclass(slots=True)
class Call:
    """One call. Times are monotonic seconds; offsets are seconds since the off-hook.

    `answered` is None where it cannot be told.
    """

    direction: Direction
    started: float
    outcome: Outcome = Outcome.UNFINISHED
    answered: bool | None = None
    off_hook: float | None = None
    ended: float | None = None
    number: str | None = None
    name: str | None = None
    number_absent: str | None = None
    name_absent: str | None = None
    caller_id_raw: str = ""
    caller_ids: list[dict[str, object]] = field(default_factory=list)
    dialled: str = ""
    rings: int = 0
    hook_events: list[dict[str, Any]] = field(default_factory=list)
    flags: list[float] = field(default_factory=list)
    tones: list[dict[str, object]] = field(default_factory=list)
    waiting: list[dict[str, object]] = field(default_factory=list)
    private: bool = False
    off_hook_too_long: bool = False

    def offset(self, time: float) -> float:
        """Seconds since the off-hook (since the start of ringing where nobody answered)."""
        return round(time - (self.started if self.off_hook is None else self.off_hook), 3)
