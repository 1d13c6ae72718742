"""`tipring evidence`: the log of what happened, its key, its time-stamps and its printed pages."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from firmware.evidence.command_place import (
    CALL,
    OUT,
    Load,
    Verb,
    Word,
    enter,
    evidence_of,
    group,
    places,
    write_private,
)


def add(verb: Verb, verbs: Any, load: Load) -> None:
    """Enter the verbs."""
    what = group(verbs, "evidence", "the log of what happened, its key and its anchors")
    spoken = ("--words", {"default": "", "help": "the 12 words of a printed page"})
    words = (
        Word("status", show_status, "the log's size, key, time-stamps and what waits"),
        Word("stamp", stamp, "ask the configured authority for a time-stamp, where one is due"),
        Word("head", print_head, "a page with the log's state as QR code and 12 words", (OUT,)),
        Word("check", check_words, "check the whole log, also against printed words", (spoken,)),
        Word(
            "key-page", print_key, "a page with the signing key as 24 words, to lock away", (OUT,)
        ),
        Word("restore-key", restore_key, "put the signing key back from its 24 words"),
        Word("history", show_history, "everything that happened to a call", (CALL,)),
        Word("watch", watch, "seal each call as it ends, until stopped"),
        Word("seal", seal, "enter calls that are in the archive and not yet in the log"),
    )
    enter(words, verb, what, load)


def show_status(options: argparse.Namespace) -> int:
    """The log in a few lines."""
    from firmware.evidence import anchors

    evidence = evidence_of(options)
    head = evidence.log.head().head
    print(f"box      {head.box}")
    print(f"entries  {head.size}")
    newest = anchors.stamped(evidence.log.folder).newest()
    if newest is None:
        print("stamped  never: nothing outside the box vouches for the log's age yet")
    else:
        stamp, size = newest.stamp, newest.signed.head.size
        print(f"stamped  {size} entries existed no later than {stamp.at:%Y-%m-%d %H:%M:%S} UTC")
        print(f"         by {stamp.authority}")
    return 0


def stamp(options: argparse.Namespace) -> int:
    """0 where nothing is due or a stamp was had, 1 where the head waits; for a timer."""
    import time

    from firmware.evidence.anchors import Anchors
    from firmware.evidence.authority import HttpAuthority

    chosen = options.load(options).evidence
    if not chosen.authority:
        print("No time-stamp authority is configured (evidence.authority): nothing was asked.")
        return 0
    roots = Path(chosen.authority_roots) if chosen.authority_roots else None
    queue = Anchors(evidence_of(options).log, HttpAuthority(chosen.authority, roots))
    queue.tick(time.time())
    state = queue.state()
    if state.last is not None:
        covered, at = state.last.signed.head.size, state.last.stamp.at
        print(f"{covered} entries existed no later than {at:%Y-%m-%d %H:%M:%S} UTC")
    if state.waiting and state.since is not None:
        since = datetime.fromtimestamp(state.since, UTC)
        print(f"{state.waiting} head(s) wait since {since:%Y-%m-%d %H:%M} UTC: {state.trouble}")
        return 1
    return 0


def print_head(options: argparse.Namespace) -> int:
    """Write the page, say the words."""
    from firmware.evidence import paper, words

    signed = evidence_of(options).head_for_paper()
    write_private(options.out, paper.head_page(signed), 0o644)
    print(f"{options.out}: log of {signed.head.size} entries")
    print(words.of_head(signed.head))
    return 0


def check_words(options: argparse.Namespace) -> int:
    """0 where the whole log is as it was."""
    from firmware.evidence.errors import Changed

    try:
        evidence = evidence_of(options)
        outside = [evidence.head_of_words(options.words)] if options.words else []
        checked = evidence.check(outside)
    except Changed as error:
        print(f"CHANGED: {error}")
        return 1
    print(f"UNCHANGED: {checked.entries} entries")
    for head in outside:
        when = datetime.fromtimestamp(head.at, UTC)
        print(f"The words are those of the first {head.size} entries, of {when:%Y-%m-%d %H:%M} UTC")
    return 0


def print_key(options: argparse.Namespace) -> int:
    """Write the secret page, readable by its owner alone."""
    from firmware.evidence import paper

    evidence = evidence_of(options)
    write_private(options.out, paper.key_page(evidence.key), 0o600)
    print(f"{options.out}: print it, lock the sheet away, and delete the file.")
    return 0


def restore_key(options: argparse.Namespace) -> int:
    """Read 24 words from the terminal and store the key they are."""
    import getpass

    from firmware.evidence import words
    from firmware.evidence.evidence import key_file
    from firmware.evidence.key import BoxKey

    state = places(options)[1]
    if key_file(state).exists():
        print(
            f"tipring: {key_file(state)} is there already; it is not overwritten", file=sys.stderr
        )
        return 1
    said = getpass.getpass("The 24 words: ") if sys.stdin.isatty() else sys.stdin.readline()
    seed = words.to_bytes(said)
    if len(seed) != words.SEED_BYTES:
        print("tipring: the key's page has 24 words", file=sys.stderr)
        return 1
    print(f"box {BoxKey.from_seed(seed).keep(state).public.box}")
    return 0


def show_history(options: argparse.Namespace) -> int:
    """One line an entry."""
    from firmware.evidence.entries import iso

    for entry in evidence_of(options).history(options.call):
        facts = " ".join(f"{name}={value}" for name, value in entry.facts.items())
        print(f"{entry.sequence:8}  {iso(entry.at)}  {entry.kind:12}  {facts}")
    return 0


def seal(options: argparse.Namespace) -> int:
    """Enter what is missing; 1 where a call could not be."""
    done = evidence_of(options).enter_missing(all_of_them=True)
    print(f"{done.entered} call(s) were entered")
    for call_id, why in done.left.items():
        print(f"not entered: {call_id}: {why}")
    return 1 if done.left else 0


def watch(options: argparse.Namespace) -> int:
    """Follow the recorder until SIGTERM or SIGINT."""
    import signal

    from firmware.evidence.worker import Worker

    worker = Worker(options.load(options))
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: worker.ask_to_stop())
    worker.start()
    print("tipring: calls are sealed as they end", flush=True)
    worker.wait()
    worker.stop()
    return 0
