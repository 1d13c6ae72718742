"""`tipring bundle`, `tipring verify` and `tipring evidence`: the words and what they do."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from firmware.config import Config
from firmware.evidence import command_folders

Verb = Callable[..., argparse.ArgumentParser]


def add(verb: Verb, verbs: Any, config: Callable[[argparse.Namespace], Config]) -> None:
    """Enter the verbs; `config` gives the configuration that the options name."""

    def place(sub: argparse.ArgumentParser) -> None:
        sub.add_argument("--archive", type=Path, help="the archive's folder")
        sub.add_argument(
            "--state",
            type=Path,
            help="the folder of the box's key (default: the configuration's; of an archive that is"
            " given by hand, its folder '.state')",
        )
        sub.add_argument("--config", type=Path, help="the configuration file")
        sub.set_defaults(load=config)

    sub = verb("bundle", make_bundle, "a zip of calls with proofs, for a court or a lawyer")
    sub.add_argument("call", nargs="+", metavar="CALL", help="the calls' ids")
    sub.add_argument("out", type=Path, metavar="OUT.zip", help="the file to write")
    sub.add_argument("--title", default="", help="what the case is called, on the cover sheet")
    sub.add_argument("--note", action="append", default=[], help="a line for the cover sheet")
    place(sub)

    sub = verb(
        "verify",
        verify_path,
        "whether a bundle (zip or unpacked) or a whole archive is unchanged: 0, or 1 with a reason",
    )
    sub.add_argument("path", type=Path, help="a bundle, a folder it was unpacked in, or an archive")
    sub.add_argument("--box", help="the fingerprint that the box's key must have")
    sub.add_argument("--any-box", action="store_true", help="do not compare with this box's key")
    place(sub)

    of = verbs.add_parser("evidence", help="the log of what happened, its key and its anchors")
    what = of.add_subparsers(metavar="WHAT", required=True)
    for name, run, said in (
        ("status", show_status, "the log's size, key, time-stamps and what waits"),
        ("stamp", stamp, "ask the configured authority for a time-stamp, where one is due"),
        ("head", print_head, "a page with the log's state as QR code and 12 words, to print"),
        ("check", check_words, "check the whole log, also against 12 words that were printed"),
        ("key-page", print_key, "a page with the signing key as 24 words, to print and lock away"),
        ("restore-key", restore_key, "put the signing key back from its 24 words"),
        ("history", show_history, "everything that happened to a call"),
        ("watch", watch, "seal each call as it ends, until stopped"),
        ("seal", seal, "enter calls that are in the archive and not yet in the log"),
    ):
        sub = verb(name, run, said, what)
        if name == "history":
            sub.add_argument("call", help="the call's id")
        if name in ("head", "key-page"):
            sub.add_argument("--out", type=Path, required=True, help="the HTML file to write")
        if name == "check":
            sub.add_argument("--words", default="", help="the 12 words of a printed page")
        place(sub)
    command_folders.add(verb, verbs, place, _evidence, _places)


def _places(options: argparse.Namespace) -> tuple[Path, Path]:
    """The archive's folder and the folder of the key."""
    if options.archive is not None:
        state = options.state or options.archive / ".state"
        if options.config is not None and options.state is None:
            state = Path(options.load(options).state.directory)
        return options.archive, state
    config = options.load(options)
    state = options.state or Path(config.state.directory)
    return Path(config.archive.directory), state


def _evidence(options: argparse.Namespace) -> Any:
    from firmware.archive import Archive
    from firmware.evidence.evidence import Evidence

    folder, state = _places(options)
    return Evidence(Archive(folder, vault=_vault(options, folder, state)), state)


def _vault(options: argparse.Namespace, folder: Path, state: Path) -> Any:
    """The keys of encrypted calls, and where their list lies: in memory, by the configuration."""
    from firmware.archive.vault import Vault

    config = options.load(options)
    own = folder == Path(config.archive.directory)
    memory = Path(config.state.control).parent if own else None
    return Vault(state, own and config.archive.sealed == "yes", memory)


def make_bundle(options: argparse.Namespace) -> int:
    """Write the bundle; says each step on the way."""
    from firmware.evidence import words
    from firmware.evidence.bundle.exhibit import Case

    if options.out.suffix.lower() != ".zip":
        print(f"tipring: {options.out}: the last word names the ZIP to write", file=sys.stderr)
        return 2
    evidence = _evidence(options)
    case = Case(options.title, options.note)

    def said(step: str) -> None:
        print(f"{step} ...", file=sys.stderr)

    made = evidence.bundle(options.out, options.call, case, said)
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
    path = key_file(_places(options)[1])
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
    state = _places(options)[1]
    vault = _vault(options, options.archive, state)
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


def show_status(options: argparse.Namespace) -> int:
    """The log in a few lines."""
    from firmware.evidence import anchors

    evidence = _evidence(options)
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
    queue = Anchors(_evidence(options).log, HttpAuthority(chosen.authority, roots))
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

    signed = _evidence(options).head_for_paper()
    _write_private(options.out, paper.head_page(signed), 0o644)
    print(f"{options.out}: log of {signed.head.size} entries")
    print(words.of_head(signed.head))
    return 0


def check_words(options: argparse.Namespace) -> int:
    """0 where the whole log is as it was."""
    from firmware.evidence.errors import Changed

    try:
        evidence = _evidence(options)
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

    evidence = _evidence(options)
    _write_private(options.out, paper.key_page(evidence.key), 0o600)
    print(f"{options.out}: print it, lock the sheet away, and delete the file.")
    return 0


def restore_key(options: argparse.Namespace) -> int:
    """Read 24 words from the terminal and store the key they are."""
    import getpass

    from firmware.evidence import words
    from firmware.evidence.evidence import key_file
    from firmware.evidence.key import BoxKey

    state = _places(options)[1]
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

    for entry in _evidence(options).history(options.call):
        facts = " ".join(f"{name}={value}" for name, value in entry.facts.items())
        print(f"{entry.sequence:8}  {iso(entry.at)}  {entry.kind:12}  {facts}")
    return 0


def seal(options: argparse.Namespace) -> int:
    """Enter what is missing; 1 where a call could not be."""
    done = _evidence(options).enter_missing(all_of_them=True)
    print(f"{done.entered} call(s) were entered")
    for call_id, why in done.left.items():
        print(f"not entered: {call_id}: {why}")
    return 1 if done.left else 0


def _write_private(path: Path, text: str, mode: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)


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
