"""The rows of a list of calls, made ready once: fifty of them are most of a page's work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from markupsafe import Markup

from web import picture, whole
from web.evidence_seals import Seal
from web.evidence_words import sign
from web.language import local, time_words
from web.words import clock, direction, number_below, outcome, plain, who

THUMBNAIL_HEIGHT = 16


@dataclass(frozen=True, slots=True)
class Row:
    """One call of the list. `sort`: incoming, outgoing, missed or blind; `marks`: ready HTML.

    `way`: the direction in words, for which its sign stands where the number needs the room.
    """

    id: str
    sort: str
    who: str
    below: str
    way: str
    facts: str
    at: str
    time: str
    href: str
    play: str
    unheard: bool
    choosable: bool
    marks: Markup
    bars: int
    wave: str
    seal: Markup = Markup("")
    seal_words: str = ""


def sort_of(call: dict[str, Any]) -> str:
    """What its sign is."""
    if call.get("kind") == "blind":
        return "blind"
    if call.get("outcome") == "missed":
        return "missed"
    way = str(call.get("direction"))
    return way if way in ("incoming", "outgoing") else "incoming"


def icon(name: str) -> Markup:
    """A sign of the page's sprite; `name` is one of its own."""
    return Markup(
        f'<svg class="icon" aria-hidden="true" focusable="false"><use href="#i-{name}"/></svg>'
    )


class Rows:
    """Makes rows in the language of one page."""

    def __init__(self, waves: dict[str, bytes], seals: dict[str, Seal] | None = None) -> None:
        self._waves = waves
        self._seals = seals or {}
        self._ways: dict[str, str] = {}
        self._marks: dict[tuple[str, ...], Markup] = {}
        self._signs: dict[str, tuple[Markup, str]] = {}
        self._times: dict[tuple[int, int], str] = {}
        self._not_recording = _("not recording")
        self._mark = {
            name: Markup('<span class="mark {}">{}<span class="unseen">{}</span></span>').format(
                kind, icon(name), said
            )
            for name, kind, said in (
                ("flag", "flag", _("flagged")),
                ("held", "held", _("held")),
                ("note", "note", _("has a note")),
                ("warn", "bad", _("not whole")),
                ("whole", "good", _("whole")),
            )
        }
        self._url = url_for("calls.call", call_id="0")[:-1]

    def _way(self, call: dict[str, Any]) -> str:
        way = str(call.get("direction"))
        if way not in self._ways:
            self._ways[way] = direction(call)
        return self._ways[way]

    def marks(self, call: dict[str, Any]) -> Markup:
        """Flag, hold, note, and whether the recording is whole."""
        names = [
            name for name, key in (("flag", "flagged"), ("held", "held"), ("note", "note"))
            if call.get(key)
        ]  # fmt: skip
        if call.get("audio"):
            names.append("whole" if not call.get("gaps") and whole.is_whole(call) else "warn")
        key = tuple(names)
        if key not in self._marks:
            self._marks[key] = Markup("").join(self._mark[name] for name in names)
        return self._marks[key]

    def _sign(self, state: str) -> tuple[Markup, str]:
        if state not in self._signs:
            self._signs[state] = sign(state)
        return self._signs[state]

    def _time(self, at: object) -> str:
        found = local(at)
        key = (found.hour, found.minute) if found else (-1, -1)
        if key not in self._times:
            self._times[key] = time_words(at)
        return self._times[key]

    def row(self, call: dict[str, Any]) -> Row:
        """The call as the list shows it."""
        sort, way = sort_of(call), ""
        if sort == "blind":
            cause = plain(whole.cause(call)) or self._not_recording
            facts = f"{clock(call.get('duration_s'))} · {cause}"
        elif call.get("audio"):
            way, facts = f"{self._way(call)} · ", clock(call.get("duration_s"))
        else:
            way, facts = f"{self._way(call)}, ", outcome(call)
        wave = self._waves.get(call["id"], b"")
        href = self._url + str(call["id"])
        seal = self._seals.get(call["id"])
        mark, said = self._sign(seal.state if seal else "")
        return Row(
            id=call["id"],
            sort=sort,
            who=who(call),
            below=number_below(call),
            way=way,
            facts=facts,
            at=plain(call.get("started_at")),
            time=self._time(call.get("started_at")),
            href=href,
            play=f"{href}/player" if call.get("audio") else "",
            unheard=bool(call.get("audio")) and not call.get("heard"),
            choosable=sort != "blind",
            marks=self.marks(call),
            bars=len(wave),
            wave=picture.path(wave, THUMBNAIL_HEIGHT) if wave else "",
            seal=mark,
            seal_words=said,
        )
