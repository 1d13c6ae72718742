"""What the cover sheet says of each call, before it is drawn as HTML or PDF."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from firmware.evidence import words
from firmware.evidence.bundle.exhibit import Case, Exhibit
from firmware.evidence.bundle.texts import TEXTS
from firmware.evidence.bundle.waveform import peaks
from firmware.evidence.entries import Entry
from firmware.evidence.head import Head
from firmware.evidence.timestamp import Stamp

LONGEST_TEXT = 20000


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of a call besides its own files. `entries`: all of the log about it, in order;
    `entered`: the one that holds its hashes; `stamp`: the earliest over that one."""

    exhibit: Exhibit
    entered: Entry
    entries: list[Entry]
    flac_sha256: str | None
    stamp: Stamp | None


@dataclass(frozen=True, slots=True)
class Part:
    """One call in one language: rows of label and value, and what is drawn under them."""

    title: str
    rows: list[tuple[str, str]]
    peaks: list[float]
    duration_s: float
    marks_s: list[float]
    access: list[tuple[str, str, str]]
    transcript: list[str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The cover sheet in one language."""

    language: str
    title: str
    intro: list[tuple[str, str]]
    parts: list[Part]
    closing: list[tuple[str, str]]
    labels: dict[str, str] = field(default_factory=dict)


def sheets(calls: list[Told], head: Head, case: Case) -> list[Sheet]:
    """The sheet in Polish and in English."""
    drawn = [peaks(one.exhibit.audio()) if one.exhibit.audio else [] for one in calls]
    made = []
    for language, text in TEXTS.items():
        intro = [
            (text["case"], case.title),
            (text["notes"], "\n".join(case.notes)),
            (text["box"], head.box),
            (text["head"], text["head-value"].format(size=head.size, at=_when(head.at))),
            (text["words"], words.of_head(head)),
        ]
        closing = [(text[f"{name}-title"], text[name]) for name in ("proves", "not", "check")]
        parts = [
            _part(one, shape, text, head, f"{place}/{len(calls)}")
            for place, (one, shape) in enumerate(zip(calls, drawn, strict=True), 1)
        ]
        title = text["title" if len(calls) == 1 else "title-many"]
        shown = [(label, value) for label, value in intro if value]
        made.append(Sheet(language, title, shown, parts, closing, text))
    return made


def _part(one: Told, shape: list[float], text: dict[str, str], head: Head, place: str) -> Part:
    facts = one.exhibit.facts
    rate = int(facts.get("rate") or 8000)
    seconds = float(facts.get("frames_stored") or 0) / rate
    preroll = float(facts.get("preroll_s") or 0)
    marks = [round(float(mark) + preroll, 1) for mark in facts.get("flags") or ()]
    marked = _json(one.exhibit.beside.get("marks"))
    gaps = [
        text["gap"].format(count=gap["count"], at=clock(gap["offset"] / rate))
        for gap in facts.get("gaps") or ()
    ]
    number, count = place.split("/")
    key = "late" if one.entered.facts.get("late") else "entry-value"
    entered = text[key].format(entry=one.entered.sequence, size=head.size, at=_when(one.entered.at))
    existed = text["existed-not"]
    if one.stamp is not None:
        existed = text["existed-value"].format(
            at=_shown(one.stamp.at), authority=one.stamp.authority
        )
    who = facts.get("number") or text.get(str(facts.get("number_absent")), text["not-told"])
    rows = [
        (text["started"], _shown(datetime.fromisoformat(facts["started_at"]))),
        (text["who"], str(who)),
        (text["name"], str(facts.get("name") or "")),
        (text["direction"], _word(text, facts.get("direction"))),
        (text["outcome"], _word(text, facts.get("outcome"))),
        (text["length"], clock(seconds) if one.exhibit.audio else text["no-audio"]),
        (text["clock"], _word(text, one.entered.clock)),
        (text["gaps"], ", ".join(gaps) or text["no-gaps"]),
        (text["marks"], ", ".join(clock(mark) for mark in marks) or text["no-marks"]),
        (text["note"], str(marked.get("note") or "")),
        (text["sequence"], str(facts.get("sequence", ""))),
        (text["id"], one.exhibit.call),
        (text["sha-audio"], one.flac_sha256 or ""),
        (text["sha-record"], hashlib.sha256(one.exhibit.record).hexdigest()),
        (text["entry"], entered),
        (text["existed"], existed),
    ]
    access = [
        (str(entry.sequence), _when(entry.at), _word(text, entry.kind)) for entry in one.entries
    ]
    title = text["call"].format(number=number, count=count)
    shown = [(label, value) for label, value in rows if value]
    spoken = _transcript(one.exhibit.beside.get("transcript"))
    return Part(title, shown, shape, seconds, marks, access, spoken)


def clock(seconds: float) -> str:
    """Minutes and seconds, with tenths."""
    whole, tenth = divmod(round(seconds * 10), 10)
    return f"{whole // 60}:{whole % 60:02d}.{tenth}"


def _word(text: dict[str, str], word: Any) -> str:
    return text.get(str(word), str(word))


def _when(at: float) -> str:
    return _shown(datetime.fromtimestamp(at, UTC))


def _shown(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _json(data: bytes | None) -> dict[str, Any]:
    try:
        found = json.loads(data or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _transcript(data: bytes | None) -> list[str]:
    """Lines of a transcript: its `segments`, each with start_s and text, or its `text`."""
    found = _json(data)
    lines = []
    for one in found.get("segments") or ():
        if isinstance(one, dict) and isinstance(one.get("text"), str):
            speaker = f"{one['speaker']}: " if one.get("speaker") else ""
            lines.append(f"{clock(float(one.get('start_s') or 0))}  {speaker}{one['text']}")
    if not lines and isinstance(found.get("text"), str):
        lines = found["text"].splitlines()
    total = 0
    kept: list[str] = []
    for line in lines:
        total += len(line)
        if total > LONGEST_TEXT:
            return [*kept, "…"]
        kept.append(line)
    return kept
