"""`tipring case`, `tipring stop` and `tipring subject`: several calls at once."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

Verb = Callable[..., argparse.ArgumentParser]
Opened = Callable[[argparse.Namespace], Any]
Places = Callable[[argparse.ArgumentParser], None]
Found = Callable[[argparse.Namespace], tuple[Path, Path]]


def add(verb: Verb, verbs: Any, place: Places, evidence: Opened, places: Found) -> None:
    """Enter the verbs."""
    case = verbs.add_parser("case", help="case folders: several calls, notes, one bundle")
    what = case.add_subparsers(metavar="WHAT", required=True)
    for name, run, said in (
        ("new", new_case, "open a case folder; prints its id"),
        ("list", list_cases, "the case folders"),
        ("put", put_calls, "put calls into a case"),
        ("note", note_case, "add a note to a case"),
        ("bundle", bundle_case, "one court bundle of all calls of a case"),
    ):
        sub = verb(name, run, said, what)
        if name == "new":
            sub.add_argument("title")
        elif name != "list":
            sub.add_argument("case", metavar="CASE", help="the case's id")
        if name == "put":
            sub.add_argument("call", nargs="+", metavar="CALL")
        if name == "note":
            sub.add_argument("text")
        if name == "bundle":
            sub.add_argument("out", type=Path, metavar="OUT.zip")
        place(sub)
        sub.set_defaults(evidence=evidence)

    stop = verbs.add_parser("stop", help="callers who were asked to stop, and every call since")
    what = stop.add_subparsers(metavar="WHAT", required=True)
    for name, run, said in (
        ("ask", ask_to_stop, "mark the call in which the caller was asked to stop"),
        ("list", list_stops, "who was asked, and how often he has called since"),
        ("letter", write_letter, "a ready letter to a caller, to read, correct and sign"),
    ):
        sub = verb(name, run, said, what)
        if name == "ask":
            sub.add_argument("call", metavar="CALL")
            sub.add_argument("--words", default="", help="what was said")
        if name == "letter":
            sub.add_argument("number", help="the caller's number")
            sub.add_argument("--out", type=Path, required=True, help="the HTML file to write")
            sub.add_argument("--language", choices=("pl", "en"), default="pl")
            sub.add_argument("--kind", choices=("telemarketer", "collector"), required=True)
            for word in ("sender", "recipient", "place"):
                sub.add_argument(f"--{word}", default="")
        place(sub)
        sub.set_defaults(evidence=evidence)

    for name, run, said in (
        ("hold", hold_call, "a legal hold: the call stays until the hold is lifted"),
        ("release", release_call, "lift a legal hold"),
        ("erase", erase_call, "erase a call for good; the log keeps that it was"),
    ):
        sub = verb(name, run, said)
        sub.add_argument("call", metavar="CALL")
        if name == "hold":
            sub.add_argument("--owner", required=True, help="who wants it held")
            sub.add_argument("--reason", required=True, help="why")
        if name == "erase":
            sub.add_argument("--yes", action="store_true", help="do not ask")
        place(sub)
        sub.set_defaults(evidence=evidence, places=places)

    sub = verb("subject", subject_access, "everything about one number, in one bundle")
    sub.add_argument("number")
    sub.add_argument("out", type=Path, metavar="OUT.zip")
    place(sub)
    sub.set_defaults(evidence=evidence)


def _records(archive: Any) -> Iterator[dict[str, Any]]:
    """Every call, newest first."""
    before = None
    while page := archive.calls(limit=200, before=before):
        yield from page
        before = page[-1]["sequence"]


def _cases(evidence: Any) -> Any:
    from firmware.evidence.cases import Cases

    return Cases(evidence.log.folder / "cases")


def new_case(options: argparse.Namespace) -> int:
    """Prints the id."""
    print(_cases(options.evidence(options)).open(options.title).id)
    return 0


def list_cases(options: argparse.Namespace) -> int:
    """One line a case."""
    for case in _cases(options.evidence(options)).all():
        print(f"{case.id}  {len(case.calls):4} call(s)  {case.title}")
    return 0


def put_calls(options: argparse.Namespace) -> int:
    """Unknown calls are refused before anything is put in."""
    evidence = options.evidence(options)
    for call in options.call:
        evidence.archive.get(call)
    case = _cases(evidence).put(options.case, *options.call)
    print(f"{case.title}: {len(case.calls)} call(s)")
    return 0


def note_case(options: argparse.Namespace) -> int:
    """Add the note."""
    case = _cases(options.evidence(options)).note(options.case, options.text)
    print(f"{case.title}: {len(case.notes)} note(s)")
    return 0


def bundle_case(options: argparse.Namespace) -> int:
    """The bundle with the case's title and notes on its cover."""
    evidence = options.evidence(options)
    case = _cases(evidence).get(options.case)
    made = evidence.bundle(options.out, case.calls, case.for_bundle(), _said)
    print(f"{made.path}: {len(case.calls)} call(s), {made.size / 1e6:.1f} MB")
    return 0


def _said(step: str) -> None:
    print(f"{step} ...", file=sys.stderr)


def ask_to_stop(options: argparse.Namespace) -> int:
    """Mark the call, and enter that it was marked."""
    from firmware.evidence.entries import Kind

    evidence = options.evidence(options)
    evidence.archive.ask_to_stop(options.call, options.words)
    evidence.happened(Kind.NOTED, options.call, what="asked-to-stop")
    return 0


def list_stops(options: argparse.Namespace) -> int:
    """One line a caller."""
    from firmware.evidence.stop import stop_files

    for one in stop_files(_records(options.evidence(options).archive)):
        print(f"{one.number}  asked {one.asked[0][1][:10]}  {len(one.later)} call(s) since")
    return 0


def write_letter(options: argparse.Namespace) -> int:
    """Write the letter; never over a file."""
    from firmware.evidence.letter import Parties, letter
    from firmware.evidence.stop import of_number

    found = of_number(_records(options.evidence(options).archive), options.number)
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

    evidence = options.evidence(options)
    evidence.archive.get(options.call)
    return eraser(evidence, options.places(options)[1])


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

    evidence = options.evidence(options)
    calls = [
        record["id"]
        for record in _records(evidence.archive)
        if same_number(str(record.get("number") or ""), options.number)
    ]
    if not calls:
        print(f"tipring: no call has the number {options.number}", file=sys.stderr)
        return 1
    case = Case(f"Dane o numerze / data about the number {options.number}")
    made = evidence.bundle(options.out, calls[::-1], case, _said)
    print(f"{made.path}: {len(calls)} call(s), {made.size / 1e6:.1f} MB")
    return 0
