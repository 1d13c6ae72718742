"""What the page says of evidence, in words of the page's language."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as later
from markupsafe import Markup

from web.language import moment_words
from web.words import plain

if TYPE_CHECKING:
    from firmware.evidence.entries import Entry
    from web.evidence_seals import Seal

WHY = {
    "log": later("Its entry does not stand in the signed log: the log was changed."),
    "record": later("Its record (number, times, marks of the box) was changed."),
    "recording": later("The recording's file was changed or damaged."),
    "missing": later("The record or the recording is missing or cannot be read."),
}
KINDS = {
    "recorded": later("recorded and sealed"),
    "not-recorded": later("entered without audio, and sealed"),
    "played": later("played"),
    "exported": later("handed out"),
    "flagged": later("flagged, or the flag taken away"),
    "noted": later("a note or a mark was changed"),
    "held": later("held"),
    "released": later("hold released"),
    "corrected": later("corrected: what was found out later was put beside it"),
    "deleted": later("audio deleted"),
    "erased": later("erased for good"),
    "consent": later("consent"),
    "clock-set": later("the clock was set"),
    "configuration-changed": later("settings changed"),
    "power-lost": later("power was lost"),
    "started": later("the box was started"),
    "stopped": later("the box was stopped"),
    "anchored": later("time-stamped from outside"),
    "log-begun": later("the log was begun"),
    "log-replaced": later("the log was begun anew"),
}


def seal_why(seal: Seal) -> str:
    """Why a call's mark is red."""
    return str(WHY.get(seal.why, plain(seal.why)))


def unix_words(at: float) -> str:
    """A moment in Unix seconds, in the box's time zone."""
    return moment_words(datetime.fromtimestamp(at, UTC).isoformat())


def history(entries: list[Entry]) -> list[dict[str, Any]]:
    """What happened to a call, newest first: number, moment, what, who."""
    return [
        {
            "number": entry.sequence,
            "at": unix_words(entry.at),
            "what": str(KINDS.get(entry.kind, plain(entry.kind))),
            "by": plain(entry.facts.get("by", "")),
        }
        for entry in reversed(entries)
    ]


SIGNS = {
    "sealed": ("seal", "good", later("unchanged since it was sealed")),
    "changed": ("seal-broken", "bad", later("CHANGED since it was sealed")),
    "unsealed": ("seal-open", "soft", later("not yet sealed")),
}


def sign(state: str) -> tuple[Markup, str]:
    """The small mark beside play, and its words; empty where nothing is known."""
    if state not in SIGNS:
        return Markup(""), ""
    name, kind, said = SIGNS[state]
    made = Markup(
        '<span class="sealed-mark {}" title="{}"><svg class="icon" aria-hidden="true"'
        ' focusable="false"><use href="#i-{}"/></svg></span>'
    ).format(kind, said, name)
    return made, str(said)


def stamp_state(waiting: int, since: float | None, existed: datetime | None) -> list[str]:
    """What is known of time-stamps from outside, in sentences."""
    said = []
    if existed is not None:
        when = unix_words(existed.timestamp())
        said.append(_("The log as it was then existed no later than %(when)s.", when=when))
    if waiting and since is not None:
        said.append(
            _(
                "%(n)s states of the log wait for a time-stamp, the oldest since %(when)s. They are"
                " stamped when the box is online again; nothing is lost meanwhile.",
                n=waiting,
                when=unix_words(since),
            )
        )
    return said
