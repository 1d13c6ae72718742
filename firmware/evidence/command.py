"""`tipring bundle` and `tipring verify`; the evidence's other commands are entered from here."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from firmware.evidence import command_folders, command_log
from firmware.evidence.command_place import (
    CALLS,
    ZIP,
    Load,
    Verb,
    Word,
    enter,
    evidence_of,
    places,
    said_step,
    vault_of,
)


def add(verb: Verb, verbs: Any, config: Load) -> None:
    """Enter the verbs; `config` gives the configuration that the options name."""
    case = (
        ("--title", {"default": "", "help": "what the case is called, on the cover sheet"}),
        ("--note", {"action": "append", "default": [], "help": "a line for the cover sheet"}),
    )
    looked_at = (
        ("path", {"type": Path, "help": "a bundle, a folder it was unpacked in, or an archive"}),
        ("--box", {"help": "the fingerprint that the box's key must have"}),
        ("--any-box", {"action": "store_true", "help": "do not compare with this box's key"}),
    )
    unchanged = (
        "whether a bundle (zip or unpacked) or a whole archive is unchanged: 0, or 1 with a reason"
    )
    bundle = "a zip of calls with proofs, for a court or a lawyer"
    words = (
        Word("bundle", make_bundle, bundle, (CALLS, ZIP, *case)),
        Word("verify", verify_path, unchanged, looked_at),
    )
    enter(words, verb, verbs, config)
    command_log.add(verb, verbs, config)
    command_folders.add(verb, verbs, config)


def make_bundle(options: argparse.Namespace) -> int:
    """Write the bundle; says each step on the way."""
    from firmware.evidence import words
    from firmware.evidence.bundle.exhibit import Case

    if options.out.suffix.lower() != ".zip":
        print(f"tipring: {options.out}: the last word names the ZIP to write", file=sys.stderr)
        return 2
    evidence = evidence_of(options)
    case = Case(options.title, options.note)
    made = evidence.bundle(options.out, options.call, case, said_step)
    print(f"{made.path}: {len(set(options.call))} call(s), {made.size / 1e6:.1f} MB")
    print(f"box {made.signed.head.box}, log of {made.signed.head.size} entries")
    print(f"words {words.of_head(made.signed.head)}")
    return 0


def verify_path(options: argparse.Namespace) -> int:
    """0 unchanged, 1 changed."""
    from firmware.evidence.errors import Changed
    from firmware.evidence.evidence import is_archive

    try:
        if options.path.is_dir() and is_archive(options.path):
            return _verify_archive(options)
        return _verify_bundle(options)
    except Changed as error:
        print(f"CHANGED: {error}")
        return 1


def _known_box(options: argparse.Namespace) -> str | None:
    """The fingerprint to expect: the given one, or this box's own where it has a key."""
    from firmware.evidence.evidence import key_file
    from firmware.evidence.key import BoxKey

    if options.any_box or options.box:
        return str(options.box) if options.box else None
    path = key_file(places(options)[1])
    if not os.access(path, os.R_OK):
        return None
    return BoxKey.load(path).public.box


def _verify_bundle(options: argparse.Namespace) -> int:
    from firmware.evidence.bundle.verify import verify

    known = _known_box(options)
    verdict = verify(options.path, known)
    print("UNCHANGED: every file is as the box stored and signed it.")
    for call in verdict.calls:
        print(f"call {call.call}: began {call.started} by the box's clock, entry {call.entry}")
        if call.existed is not None:
            print(f"  existed no later than {call.existed:%Y-%m-%d %H:%M:%S} UTC, {call.authority}")
    for note in verdict.notes:
        print(f"note: {note}")
    print(f"box {verdict.box}" + ("" if known else ": compare it with the owner's printed page"))
    return 0


def _verify_archive(options: argparse.Namespace) -> int:
    from firmware.archive import Archive
    from firmware.evidence.errors import Changed
    from firmware.evidence.evidence import Evidence
    from firmware.evidence.survey import survey

    options.archive = options.archive or options.path
    state = places(options)[1]
    vault = vault_of(options, options.archive, state)
    evidence = Evidence(Archive(options.path, vault=vault), state)
    checked = evidence.check()
    found = survey(evidence)
    for line in found.wrong:
        print(f"CHANGED: {line}")
    for line in found.notes:
        print(f"note: {line}")
    if found.wrong:
        raise Changed(f"{len(found.wrong)} call(s) are not as they were sealed.")
    print(
        f"UNCHANGED: {checked.entries} entries, {found.calls} calls are as they were sealed;"
        f" the clock was set {len(checked.clock_sets)} time(s)."
    )
    return 0
