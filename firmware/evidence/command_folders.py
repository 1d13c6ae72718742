"""`tipring case`, `tipring stop`, `tipring erase` and `tipring subject`: several calls at once."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from datetime import date
from typing import Any

from firmware.evidence import cases
from firmware.evidence.command_place import (
    CALL,
    CALLS,
    OUT,
    ZIP,
    Load,
    Verb,
    Word,
    enter,
    evidence_of,
    group,
    places,
    said_step,
)

CASE = ("case", {"metavar": "CASE", "help": "the case's id"})
NUMBER = ("number", {"help": "the caller's number"})


def _text(name: str, **more: Any) -> tuple[str, dict[str, Any]]:
    return name, {"default": "", **more}


def add(verb: Verb, verbs: Any, load: Load) -> None:
    """Enter the verbs."""
    what = group(verbs, "case", "case folders: several calls, notes, one bundle")
    words: tuple[Word, ...] = (
        Word("new", new_case, "open a case folder; prints its id", (("title", {}),)),
        Word("list", list_cases, "the case folders"),
        Word("put", put_calls, "put calls into a case", (CASE, CALLS)),
        Word("note", note_case, "add a note to a case", (CASE, ("text", {}))),
        Word("bundle", bundle_case, "one court bundle of all calls of a case", (CASE, ZIP)),
    )
    enter(words, verb, what, load)
    letter: tuple[tuple[str, dict[str, Any]], ...] = (
        NUMBER,
        OUT,
        ("--language", {"choices": ("pl", "en"), "default": "pl"}),
        ("--kind", {"choices": ("telemarketer", "collector"), "required": True}),
        *(_text(f"--{word}") for word in ("sender", "recipient", "place")),
    )
    asked = (CALL, _text("--words", help="what was said"))
    what = group(verbs, "stop", "callers who were asked to stop, and every call since")
    words = (
        Word("ask", ask_to_stop, "mark the call in which the caller was asked to stop", asked),
        Word("list", list_stops, "who was asked, and how often he has called since"),
        Word("letter", write_letter, "a ready letter to read, correct and sign", letter),
    )
    enter(words, verb, what, load)
    held = (
        CALL,
        ("--owner", {"required": True, "help": "who wants it held"}),
        ("--reason", {"required": True, "help": "why"}),
    )
    erased = (CALL, ("--yes", {"action": "store_true", "help": "do not ask"}))
    words = (
        Word("hold", hold_call, "a legal hold: the call stays until the hold is lifted", held),
        Word("release", release_call, "lift a legal hold", (CALL,)),
        Word("erase", erase_call, "erase a call for good; the log keeps that it was", erased),
        Word(
            "subject", subject_access, "everything about one number, in one bundle", (NUMBER, ZIP)
        ),
    )
    enter(words, verb, verbs, load)


def _records(archive: Any) -> Iterator[dict[str, Any]]:
    """Every call, newest first."""
    before = None
    while page := archive.calls(limit=200, before=before):
        yield from page
        before = page[-1]["sequence"]


def new_case(options: argparse.Namespace) -> int:
    """Prints the id."""
    print(cases.beside(evidence_of(options).log.folder).open(options.title).id)
    return 0


def list_cases(options: argparse.Namespace) -> int:
    """One line a case."""
    for case in cases.beside(evidence_of(options).log.folder).all():
        print(f"{case.id}  {len(case.calls):4} call(s)  {case.title}")
    return 0


def put_calls(options: argparse.Namespace) -> int:
    """Unknown calls are refused before anything is put in."""
    evidence = evidence_of(options)
    for call in options.call:
        evidence.archive.get(call)
    case = cases.beside(evidence.log.folder).put(options.case, *options.call)
    print(f"{case.title}: {len(case.calls)} call(s)")
    return 0


def note_case(options: argparse.Namespace) -> int:
    """Add the note."""
    case = cases.beside(evidence_of(options).log.folder).note(options.case, options.text)
    print(f"{case.title}: {len(case.notes)} note(s)")
    return 0


def bundle_case(options: argparse.Namespace) -> int:
    """The bundle with the case's title and notes on its cover."""
    evidence = evidence_of(options)
    case = cases.beside(evidence.log.folder).get(options.case)
    made = evidence.bundle(options.out, case.calls, case.for_bundle(), said_step)
    print(f"{made.path}: {len(case.calls)} call(s), {made.size / 1e6:.1f} MB")
    return 0


def ask_to_stop(options: argparse.Namespace) -> int:
    """Mark the call, and enter that it was marked."""
    from firmware.evidence.entries import Kind

    evidence = evidence_of(options)
    evidence.archive.ask_to_stop(options.call, options.words)
    evidence.happened(Kind.NOTED, options.call, what="asked-to-stop")
    return 0


def list_stops(options: argparse.Namespace) -> int:
    """One line a caller."""
    from firmware.evidence.stop import stop_files

    for one in stop_files(_records(evidence_of(options).archive)):
        print(f"{one.number}  asked {one.asked[0][1][:10]}  {len(one.later)} call(s) since")
    return 0


def write_letter(options: argparse.Namespace) -> int:
    """Write the letter; never over a file."""
    from firmware.evidence.letter import Parties, letter
    from firmware.evidence.stop import of_number

    found = of_number(_records(evidence_of(options).archive), options.number)
    if found is None:
        print(f"tipring: {options.number} was never asked to stop", file=sys.stderr)
        return 1
    sender, recipient = (text.replace("\\n", "\n") for text in (options.sender, options.recipient))
    parties = Parties(sender, recipient, options.place)
    text = letter(found, options.language, options.kind, parties, date.today())
    with options.out.open("x", encoding="utf-8") as file:
        file.write(text)
    print(f"{options.out}: {len(found.later)} call(s) since; calls {' '.join(found.calls)}")
    return 0


def _erasure(options: argparse.Namespace) -> Any:
    from firmware.evidence.shelf import eraser

    evidence = evidence_of(options)
    evidence.archive.get(options.call)
    return eraser(evidence, places(options)[1])


def hold_call(options: argparse.Namespace) -> int:
    """Hold the call."""
    _erasure(options).hold(options.call, options.owner, options.reason)
    print(f"{options.call}: held by {options.owner}")
    return 0


def release_call(options: argparse.Namespace) -> int:
    """Lift the hold; 1 where there was none."""
    lifted = _erasure(options).release(options.call) is not None
    print(f"{options.call}: {'the hold was lifted' if lifted else 'there was no hold'}")
    return 0 if lifted else 1


def erase_call(options: argparse.Namespace) -> int:
    """Erase after a question that has to be answered with the word."""
    erasure = _erasure(options)
    if not options.yes:
        print(f"The call {options.call} will be erased for good. Nobody can bring it back.")
        if input("Type ERASE to go on: ").strip() != "ERASE":
            print("Nothing was erased.")
            return 1
    entry = erasure.erase(options.call, by="owner", why="wish")
    print(f"{options.call}: erased; entry {entry.sequence} of the log says so")
    return 0


def subject_access(options: argparse.Namespace) -> int:
    """Every call with the number, its recording, record, marks and what happened to it."""
    from firmware.evidence.bundle.exhibit import Case
    from firmware.evidence.stop import same_number

    evidence = evidence_of(options)
    calls = [
        record["id"]
        for record in _records(evidence.archive)
        if same_number(str(record.get("number") or ""), options.number)
    ]
    if not calls:
        print(f"tipring: no call has the number {options.number}", file=sys.stderr)
        return 1
    case = Case(f"Dane o numerze / data about the number {options.number}")
    made = evidence.bundle(options.out, calls[::-1], case, said_step)
    print(f"{made.path}: {len(calls)} call(s), {made.size / 1e6:.1f} MB")
    return 0
