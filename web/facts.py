"""A call's facts and marks, each as a term and its words. What a record lacks is left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as later

from web import consent_words
from web.language import moment_words, phone
from web.users import OWNER
from web.words import clock, plain, state_of_number

HOOK_EVENTS = {"flash": later("Hook flash"), "reversal": later("Line reversal")}
TONES = {
    "dial": later("Dial tone"),
    "busy": later("Busy tone"),
    "ringback": later("Ringback tone"),
    "reorder": later("Reorder tone"),
    "sit": later("Special information tone"),
    "cng": later("Fax calling tone (CNG)"),
    "ced": later("Fax answer tone (CED)"),
    "cas": later("Call waiting alert (CAS)"),
}
SHOWN_MARKS = 500  # hours of DTMF from a modem are not read by anyone


@dataclass(frozen=True, slots=True)
class Mark:
    """Something at a time. `at`: seconds since the off-hook; `place`: of the audio, 0 to 1.

    `kind`: flag, key, tone, hook, waiting, announcement or gap.
    """

    at: float
    kind: str
    words: str
    place: float | None = None

    @property
    def clock(self) -> str:
        return clock(self.at)


def facts(call: dict[str, Any]) -> list[tuple[str, str]]:
    """What was measured, in the order in which it is asked for."""
    found = [
        (_("Number"), phone(plain(call.get("number"))) or state_of_number(call)),
        (_("Name sent"), plain(call.get("name"))),
        (_("Dialled"), plain(call.get("dialled"))),
        (_("Rings"), plain(call.get("rings") or "")),
        (_("Started"), moment_words(plain(call.get("started_at")))),
        (_("Held by"), _holder(call)),
        (_("Reason of the hold"), plain(call.get("held_why")) if call.get("held") else ""),
        (_("Line"), plain(call.get("line"))),
        (_("Sequence"), plain(call.get("sequence"))),
    ]
    return [(term, text) for term, text in found if text]


def _holder(call: dict[str, Any]) -> str:
    by = plain(call.get("held_by")) if call.get("held") else ""
    return _("Owner") if by == OWNER else by


def technical(call: dict[str, Any]) -> list[tuple[str, str]]:
    """What an expert asks for."""
    found = [
        (_("Samples"), _samples(call)),
        (_("Clipped samples"), plain(call.get("clipped") or "")),
        (_("Started (UTC)"), plain(call.get("started_at"))),
        (_("Raw caller ID"), plain(call.get("caller_id_raw"))),
        (_("SHA-256, audio"), plain(call.get("sha256_pcm"))),
        (_("SHA-256, file"), plain(call.get("sha256_file"))),
        (_("Firmware"), plain(call.get("firmware"))),
        (_("Call id"), plain(call.get("id"))),
    ]
    return [(term, text) for term, text in found if text]


def _samples(call: dict[str, Any]) -> str:
    stored, expected = call.get("frames_stored"), call.get("frames_expected")
    if not isinstance(stored, int) or not isinstance(expected, int):
        return ""
    return _(
        "%(stored)s stored of %(expected)s, at %(rate)s a second",
        stored=format_decimal(stored),
        expected=format_decimal(expected),
        rate=plain(call.get("rate")),
    )


def gaps(call: dict[str, Any]) -> list[str]:
    """What is missing from the audio; offsets and counts are samples from its start."""
    rate = call.get("rate") or 8000
    return [
        _(
            "%(seconds)s s are missing at %(at)s of the audio (%(why)s); silence stands in their"
            " place.",
            seconds=format_decimal(round(one["count"] / rate, 2), format="0.00"),
            at=clock(one["offset"] / rate),
            why=plain(one.get("reason")),
        )
        for one in call.get("gaps") or []
    ]


def length(call: dict[str, Any]) -> float:
    """Seconds of audio: the call and what was kept from before its off-hook."""
    stored, rate = call.get("frames_expected"), call.get("rate") or 8000
    if isinstance(stored, int) and stored:
        return float(stored / rate)
    return float(call.get("duration_s") or 0.0)


def marks(call: dict[str, Any]) -> list[Mark]:
    """What happened in the call, in order."""
    found = [Mark(float(offset), "flag", _("Flagged")) for offset in call.get("flags") or []]
    for one in call.get("hook_events") or []:
        words = str(HOOK_EVENTS.get(one["kind"], plain(one["kind"])))
        found.append(Mark(one["offset"], "hook", words))
    for one in call.get("waiting") or []:
        caller = " · ".join(filter(None, (plain(one.get("name")), plain(one.get("number")))))
        words = _("Call waiting: %(who)s", who=caller or _("no number"))
        found.append(Mark(one["offset"], "waiting", words))
    for one in call.get("tones") or []:
        if one["kind"] == "dtmf":
            words = _("Key %(digit)s", digit=plain(one.get("digit")))
            found.append(Mark(one["offset"], "key", words))
        else:
            words = str(TONES.get(one["kind"], plain(one["kind"])))
            found.append(Mark(one["offset"], "tone", words))
    before, rate = float(call.get("preroll_s") or 0.0), call.get("rate") or 8000
    for first, words in consent_words.played_at(call):
        found.append(Mark(first / rate - before, "announcement", words))
    for one in call.get("gaps") or []:
        at = one["offset"] / rate - before
        count = one["count"]
        words = ngettext(
            "%(n)s sample missing", "%(n)s samples missing", count, n=format_decimal(count)
        )
        found.append(Mark(at, "gap", words))
    found.sort(key=lambda mark: mark.at)
    whole = length(call)
    return [
        Mark(one.at, one.kind, one.words, round(min(1.0, max(0.0, (one.at + before) / whole)), 4))
        if whole
        else one
        for one in found[:SHOWN_MARKS]
    ]
