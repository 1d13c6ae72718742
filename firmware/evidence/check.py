"""A whole log, checked by its own bytes: what `tipring verify FOLDER` does on an archive.

Nothing derived is believed. The caller gives the public key; heads from outside (printed or
time-stamped) show what the box's own key cannot: that the whole log was not made anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from firmware.evidence.boots import STEP_S
from firmware.evidence.entries import LONGEST, Entry, Kind
from firmware.evidence.errors import Changed, LogDamaged
from firmware.evidence.head import Head, SignedHead
from firmware.evidence.head_file import read_head, still
from firmware.evidence.key import PublicKey
from firmware.evidence.log import LOG
from firmware.evidence.merkle import Frontier, leaf_hash

FIRST_OF_A_BOOT = (Kind.CLOCK_SET, Kind.POWER_LOST, Kind.STARTED)
EARLY_S = 0.002  # two clocks are read one after the other, and rounded to a millisecond


@dataclass(frozen=True, slots=True)
class Checked:
    """A log that is as the box wrote it. `clock_sets`: the entries where a clock was set."""

    entries: int
    head: Head
    clock_sets: tuple[int, ...]


def check_log(folder: Path, key: PublicKey, outside: Iterable[Head] = ()) -> Checked:
    """Check the log in `folder` against its head and heads from `outside`. Raises Changed."""
    try:
        with still(folder):  # what is appended while this reads is another state of the log
            signed = read_head(folder)
            length = (folder / LOG).stat().st_size if (folder / LOG).exists() else 0
    except FileNotFoundError:
        raise Changed("The log's signed summary is missing.") from None
    except LogDamaged as error:
        raise Changed(str(error)) from error
    try:
        return check_lines(_lines(folder / LOG, length), signed, key, outside)
    except FileNotFoundError:
        raise Changed("The log itself is missing.") from None


def check_lines(
    lines: Iterable[bytes], signed: SignedHead, key: PublicKey, outside: Iterable[Head] = ()
) -> Checked:
    """The same for lines without their line feeds."""
    signed.check(key)
    wanted: dict[int, list[Head]] = {}
    for head in outside:
        if head.box != key.box:
            raise Changed(f"A head from outside is of another box ({head.box}).")
        wanted.setdefault(head.size, []).append(head)
    frontier, last, clock_sets = Frontier(), None, []
    root = frontier.root()
    for line in lines:
        entry = _read(line, frontier.size)
        _follows(entry, last, frontier.size, root, key)
        if entry.kind == Kind.CLOCK_SET:
            clock_sets.append(entry.sequence)
        frontier.append(leaf_hash(line))
        root = frontier.root()
        _as_seen_outside(wanted.pop(frontier.size, []), root)
        if frontier.size == signed.head.size and root != signed.head.root:
            raise Changed("The entries are not those that the box signed.")
        last = entry
    if frontier.size != signed.head.size:
        raise Changed(
            f"The box signed {signed.head.size} entries; here are {frontier.size}."
            " Entries were removed or added."
        )
    if wanted:
        raise Changed(
            f"A head from outside covers {max(wanted)} entries; here are {frontier.size}."
            " Entries were removed."
        )
    if last is not None and last.at > signed.head.at + STEP_S:
        raise Changed("The log's summary was signed before its last entry was made.")
    return Checked(frontier.size, signed.head, tuple(clock_sets))


def _as_seen_outside(heads: Iterable[Head], root: bytes) -> None:
    for head in heads:
        if head.root != root:
            raise Changed(
                f"The first {head.size} entries are not those that were time-stamped or"
                " printed. The log was made anew."
            )


def _lines(path: Path, length: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        while length and (line := file.readline(min(length, LONGEST + 2))):
            length -= len(line)
            if not line.endswith(b"\n"):
                raise Changed("The log's last entry is torn, or an entry is too long.")
            yield line[:-1]


def _read(line: bytes, size: int) -> Entry:
    try:
        if len(line) > LONGEST:
            raise LogDamaged("An entry is too long.")
        return Entry.from_bytes(line)
    except LogDamaged as error:
        raise Changed(f"Entry {size}: {error}") from error


def _follows(entry: Entry, last: Entry | None, size: int, root: bytes, key: PublicKey) -> None:
    """Raises Changed where the entry cannot stand here."""
    if entry.sequence != size:
        raise Changed(
            f"Entry {size} is missing or out of order: entry {entry.sequence} stands in its place."
        )
    if entry.box != key.box:
        raise Changed(f"Entry {size} is of another box ({entry.box}).")
    if entry.previous != root.hex():
        raise Changed(f"Entry {size} does not continue the entries before it.")
    if last is None:
        return
    passed = entry.at - last.at
    if entry.boot == last.boot:
        if entry.monotonic < last.monotonic - EARLY_S:
            raise Changed(f"Entry {size} was made before the entry that it follows.")
        step = passed - (entry.monotonic - last.monotonic)
    else:
        if entry.kind not in FIRST_OF_A_BOOT:
            raise Changed(f"Before entry {size} the box was started anew, and the log is silent.")
        step = min(0.0, passed)
    if abs(step) > STEP_S + EARLY_S and entry.kind != Kind.CLOCK_SET:
        raise Changed(
            f"Between entries {size - 1} and {size} the clock was turned by {step:.0f} seconds,"
            " and no entry says so."
        )
