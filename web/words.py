"""What the page says of a call, in words of the page's language."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as later

from web import consent_words, whole
from web.language import language, moment_words, phone

WHY_NO_NUMBER = {
    "withheld": later("number withheld"),
    "unavailable": later("number unavailable"),
    "not decoded": later("caller ID was sent but could not be read"),
    "not sent": later("no number was sent"),
}
OUTCOMES = {
    "answered": later("answered"),
    "missed": later("missed"),
    "no-answer": later("not answered"),
    "busy": later("busy"),
    "congestion": later("not connected: congestion"),
    "unobtainable": later("not connected: number unobtainable"),
    "not-dialled": later("nothing was dialled"),
    "unknown": later("answered or not: not known"),
    "private": later("private, audio erased"),
    "unfinished": later("recording was interrupted"),
    "line-cut": later("ended by a line cut"),
    "off-hook-too-long": later("off the hook too long"),
}
STATES = {
    "idle": later("Idle"),
    "ringing": later("Ringing"),
    "incall": later("In a call"),
    "stuck": later("A telephone is off the hook"),
    "cut": later("The line is cut"),
}
GROUPS = re.compile(r"(?<=[\d)]) (?=[\d(])")  # the spaces between a number's groups
DIRECTIONS = {
    "incoming": later("incoming"),
    "outgoing": later("outgoing"),
}


def plain(text: object) -> str:
    """Text from the line without what a browser would act on: controls and direction marks.

    A right-to-left override in a caller's name would otherwise turn the number round.
    """
    shown = "" if text is None else str(text)
    if shown.isprintable():
        return shown
    return "".join(
        one if one.isprintable() else " " if one.isspace() else "\N{REPLACEMENT CHARACTER}"
        for one in shown
    )


def unbroken(text: str) -> str:
    """Text whose telephone numbers stay in one line, however narrow it is."""
    return GROUPS.sub("\N{NO-BREAK SPACE}", text)


def who(call: dict[str, Any]) -> str:
    """The contact's name, else the name that was sent, else the number or why there is none."""
    return (
        plain(call.get("contact"))
        or plain(call.get("name"))
        or phone(plain(call.get("number")))
        or state_of_number(call)
    )


def number_below(call: dict[str, Any]) -> str:
    """The number, where `who` is a name."""
    named = call.get("contact") or plain(call.get("name"))
    return phone(plain(call.get("number"))) if named else ""


def state_of_number(call: dict[str, Any]) -> str:
    """Why there is no number."""
    if call.get("kind") == "blind":
        return _("the box was not recording")
    if call.get("direction") == "outgoing":
        return _("no digits were dialled")
    return str(WHY_NO_NUMBER.get(str(call.get("number_absent")), _("no caller ID")))


def outcome(call: dict[str, Any]) -> str:
    """How it ended."""
    return str(OUTCOMES.get(str(call.get("outcome")), plain(call.get("outcome"))))


def direction(call: dict[str, Any]) -> str:
    """Which way it went."""
    return str(DIRECTIONS.get(str(call.get("direction")), plain(call.get("direction"))))


def state_words(state: str) -> str:
    """The line's state."""
    return str(STATES.get(state, plain(state)))


def alarm_words(kind: str, why: str) -> str:
    """An alarm in the page's language; in the recorder's own words where it knows more."""
    return whole.alarm(kind, plain(why), language())


def clock(seconds: float | None) -> str:
    """1:02:03 or 2:03; before the off-hook -0:02."""
    if seconds is None:
        return _("length unknown")
    sign = "-" if seconds < 0 else ""
    minutes, rest = divmod(int(abs(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return sign + (f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}")


def why_silent(call: dict[str, Any]) -> str:
    """Why there is nothing to play."""
    if call.get("kind") == "blind":
        why = plain(whole.cause(call))
        said = _("The box was not recording then: there is no audio.")
        return f"{said} {why[:1].upper()}{why[1:]}." if why else said
    if call.get("deleted_at"):
        return _("The audio was deleted on %(when)s.", when=moment_words(call["deleted_at"]))
    if call.get("refused"):
        return consent_words.refused(call)
    if call.get("private"):
        return _("This call was made private: its audio was erased when the button was held.")
    if call.get("outcome") == "missed":
        return _("Nobody answered: there is no audio.")
    return _("The audio of this call could not be stored. See the alarms.")


def warnings(call: dict[str, Any]) -> list[str]:
    """What the listener must know before he trusts the recording, most serious first."""
    return [plain(one) for one in whole.reasons(call)]
