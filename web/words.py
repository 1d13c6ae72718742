"""What the page says of a call, in words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

WHY_NO_NUMBER = {
    "withheld": "number withheld",
    "unavailable": "number unavailable",
    "not decoded": "caller ID was sent but could not be read",
    "not sent": "no number was sent",
}
OUTCOMES = {
    "answered": "answered",
    "missed": "missed",
    "no-answer": "not answered",
    "busy": "busy",
    "congestion": "not connected: congestion",
    "unobtainable": "not connected: number unobtainable",
    "not-dialled": "nothing was dialled",
    "unknown": "answered or not: not known",
    "private": "private, audio erased",
    "unfinished": "recording was interrupted",
    "line-cut": "ended by a line cut",
    "off-hook-too-long": "off the hook too long",
}
STATES = {
    "idle": "Idle",
    "ringing": "Ringing",
    "incall": "In a call",
    "stuck": "A telephone is off the hook",
    "cut": "The line is cut",
}


def plain(text: object) -> str:
    """Text from the line without what a browser would act on: controls and direction marks.

    A right-to-left override in a caller's name would otherwise turn the number round.
    """
    shown = "" if text is None else str(text)
    return "".join(
        one if one.isprintable() else " " if one.isspace() else "\N{REPLACEMENT CHARACTER}"
        for one in shown
    )


def who(call: dict[str, Any]) -> str:
    """Name and number, or why there is none."""
    both = [plain(call.get(key)) for key in ("name", "number")]
    return " · ".join(filter(None, both)) or state_of_number(call)


def state_of_number(call: dict[str, Any]) -> str:
    """Why there is no number."""
    if call.get("kind") == "blind":
        return "the box was not recording"
    if call.get("direction") == "outgoing":
        return "no digits were dialled"
    return WHY_NO_NUMBER.get(str(call.get("number_absent")), "no caller ID")


def outcome(call: dict[str, Any]) -> str:
    """How it ended."""
    return OUTCOMES.get(str(call.get("outcome")), plain(call.get("outcome")))


def state_words(state: str) -> str:
    """The line's state."""
    return STATES.get(state, plain(state))


def clock(seconds: float | None) -> str:
    """1:02:03 or 2:03; before the off-hook -0:02."""
    if seconds is None:
        return "length unknown"
    sign = "-" if seconds < 0 else ""
    minutes, rest = divmod(int(abs(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return sign + (f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}")


def local_time(started_at: str) -> str:
    """Date and time of the box's own time zone."""
    try:
        return datetime.fromisoformat(started_at).astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return plain(started_at)


def why_silent(call: dict[str, Any]) -> str:
    """Why there is nothing to play."""
    if call.get("kind") == "blind":
        return "The box was not recording then: there is no audio."
    if call.get("private"):
        return "This call was made private: its audio was erased when the button was held."
    if call.get("outcome") == "missed":
        return "Nobody answered: there is no audio."
    return "The audio of this call could not be stored. See the alarms."
