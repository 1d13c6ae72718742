"""What an address asks of the list of calls, checked word by word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as later

from firmware.archive.people import People
from firmware.archive.search import Filter, caller_of

LAST_KEY = 2**62
LONGEST = 200
SHOWN = {
    "": later("All"),
    "unheard": later("Unheard"),
    "missed": later("Missed"),
    "flagged": later("Flagged"),
    "held": later("Held"),
    "noted": later("With a note"),
    "blind": later("Not recording"),
}
DIRECTIONS = {"": later("Both ways"), "incoming": later("Incoming"), "outgoing": later("Outgoing")}
WORDS = ("q", "show", "direction", "number", "person", "since", "until", "before", "after")


class BadQuery(Exception):
    """The address asks for something that is not understood; the message says what."""


@dataclass(frozen=True, slots=True)
class Query:
    """`said`: the words of the address that choose calls, as they are put into links."""

    wanted: Filter
    said: dict[str, str]
    before: int | None = None
    after: int | None = None

    @property
    def narrowed(self) -> bool:
        return bool(self.said)


def _key(args: Mapping[str, str], name: str) -> int | None:
    text = args.get(name, "")
    if not text:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 19 or int(text) > LAST_KEY:
        raise BadQuery(_("The address names no page of the list: %(name)s.", name=name))
    return int(text)


def _day(args: Mapping[str, str], name: str, more: int) -> str | None:
    """The UTC time at which the day begins on the box's clock, `more` days later."""
    text = args.get(name, "")
    if not text:
        return None
    try:
        begins = datetime.strptime(text, "%Y-%m-%d") + timedelta(days=more)
        return begins.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    except (ValueError, OverflowError) as error:
        raise BadQuery(_("A date must look like 2026-03-31.")) from error


def _one_of(args: Mapping[str, str], name: str, known: Mapping[str, Any]) -> str:
    text = args.get(name, "")
    if text not in known:
        raise BadQuery(_("The address asks for something unknown: %(name)s.", name=name))
    return text


def parse(args: Mapping[str, str], people: People, more: tuple[str, ...] = ()) -> Query:
    """The query of an address. Raises BadQuery; `more` are words that somebody else reads."""
    for name, value in args.items():
        if name not in WORDS + more:
            raise BadQuery(_("The address asks for something unknown: %(name)s.", name=name[:40]))
        if len(value) > LONGEST:
            raise BadQuery(_("That is too long to be searched for."))
    show = _one_of(args, "show", SHOWN)
    direction = _one_of(args, "direction", DIRECTIONS)
    text = args.get("q", "").replace("\x00", "").strip()
    wanted = Filter(
        direction=direction or ("incoming" if show == "missed" else None),
        since=_day(args, "since", 0),
        until=_day(args, "until", 1),
        answered=False if show == "missed" else None,
        blind=True if show == "blind" else None,
        flagged=show == "flagged",
        held=show == "held",
        noted=show == "noted",
        unheard=show == "unheard",
        text=text,
    )
    if text:
        also = tuple(caller for one in people.named(text)[:20] for caller in one.callers)
        wanted = replace(wanted, also=also[:100])
    callers: tuple[str, ...] = ()
    if number := args.get("number"):
        callers = (caller_of(number) or "-",)
    if person_id := args.get("person"):
        person = people.get(person_id)
        if person is None:
            raise BadQuery(_("That person is not in the contacts any more."))
        callers += person.callers or ("-",)
    names = ("q", "show", "direction", "number", "person", "since", "until")
    said = {name: args[name].strip() for name in names if args.get(name, "").strip()}
    return Query(replace(wanted, callers=callers), said, _key(args, "before"), _key(args, "after"))
