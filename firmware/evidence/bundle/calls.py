"""The calls of a bundle: what the signed log says of each, and that nothing of it is left out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from firmware.evidence import timestamp
from firmware.evidence.bundle import proofs
from firmware.evidence.bundle.exhibit import BESIDE, MORE
from firmware.evidence.bundle.layout import CALL, ENTRY
from firmware.evidence.bundle.manifest import Files
from firmware.evidence.bundle.stamps import stamp_digests
from firmware.evidence.entries import ENTERED, Entry, Kind
from firmware.evidence.errors import Changed
from firmware.evidence.head import Head
from firmware.evidence.key import PublicKey
from firmware.evidence.merkle import leaf_hash, verify_inclusion


@dataclass(frozen=True, slots=True)
class CheckedCall:
    """`existed`: the earliest time-stamp over the call, None without one."""

    call: str
    entry: int
    started: str
    accesses: int
    existed: datetime | None
    authority: str | None


def logged_entries(files: Files, head: Head, key: PublicKey) -> dict[int, Entry]:
    """The entries of the log by number, each proved to stand in it. Raises Changed."""
    found: dict[int, Entry] = {}
    for name in sorted(files.names):
        read = ENTRY.fullmatch(name)
        if read is None:
            continue
        number = int(read[1])
        line = files.read(name)
        entry = Entry.from_bytes(line)
        if entry.sequence != number:
            raise Changed(f"{name} holds entry {entry.sequence} instead.")
        if entry.box != key.box:
            raise Changed(f"Entry {number} is from the log of another box ({entry.box}).")
        proof_name = name.removesuffix(".json") + ".proof"
        proof = proofs.parse(files.read(proof_name), "inclusion", proof_name)
        if proof.at != number or proof.size != head.size:
            raise Changed(f"{proof_name} is the proof of something else.")
        if not verify_inclusion(leaf_hash(line), number, head.size, proof.path, head.root):
            raise Changed(f"Entry {number} does not stand in the log that the box signed.")
        found[number] = entry
    return found


def known_calls(files: Files, entries: dict[int, Entry]) -> list[tuple[str, Entry]]:
    """Each call's folder with the entry that holds its hashes; every entry belongs to one.

    Raises Changed.
    """
    folders = sorted({read[1] for name in files.names if (read := CALL.fullmatch(name))})
    if not folders or folders != [f"{place:03d}" for place in range(1, len(folders) + 1)]:
        raise Changed("A call is missing from the bundle.")
    found: list[tuple[str, Entry]] = []
    for number in folders:
        folder = f"calls/{number}"
        digest = files.digests.get(f"{folder}/record.json")
        entered = [
            entry
            for entry in entries.values()
            if entry.kind in ENTERED and entry.facts.get("record_sha256") == digest
        ]
        if digest is None or not entered:
            raise Changed(f"The record in {folder} is not one that the log knows.")
        entry = entered[-1]
        if entry.facts.get("flac_sha256") != files.digests.get(f"{folder}/recording.flac"):
            raise Changed(
                f"The recording in {folder} is not the one that belongs to its record: it was"
                " swapped or removed."
            )
        further = {
            f"{MORE}{read[3][1:]}": files.digests[name]
            for name in files.names
            if (read := CALL.fullmatch(name)) and read[1] == number and read[3]
        }
        if further != {name: one for name, one in entry.facts.items() if name.startswith(MORE)}:
            raise Changed(
                f"The further recordings in {folder} are not those that belong to its record: one"
                " was swapped, added or removed."
            )
        found.append((folder, entry))
    known = [entry.call for _, entry in found]
    if len(set(known)) != len(known):
        raise Changed("A call is in the bundle twice.")
    for entry in entries.values():
        if entry.call not in known:
            raise Changed(f"Entry {entry.sequence} is of a call that is not in the bundle.")
    return found


def checked_call(
    files: Files,
    folder: str,
    entered: Entry,
    entries: dict[int, Entry],
    stamps: list[tuple[Head, timestamp.Stamp]],
) -> CheckedCall:
    """What the reader is told of a call: nothing of its history was left out. Raises Changed."""
    own = [number for number, entry in sorted(entries.items()) if entry.call == entered.call]
    last = entries[own[-1]]
    if last.kind != Kind.EXPORTED or last.facts.get("entries") != own[:-1]:
        raise Changed(f"The list of what happened to the call in {folder} is not complete.")
    if last.facts.get("stamps") != stamp_digests(files):
        raise Changed("The time-stamps are not those that the box handed out with the call.")
    for name in BESIDE:
        if last.facts.get(f"{name}_sha256") != files.digests.get(f"{folder}/{name}.json"):
            raise Changed(f"{folder}/{name}.json is not the one that was handed out.")
    try:
        record = json.loads(files.read(f"{folder}/record.json"))
        call, started = record["id"], str(record["started_at"])
        moment = datetime.fromisoformat(started).astimezone(UTC)
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise Changed(f"{folder}/record.json cannot be read.") from error
    if call != entered.call:
        raise Changed(f"{folder}/record.json is of another call than its entry in the log.")
    for _head, stamp in stamps:
        if _head.size > entered.sequence and moment > stamp.at + timedelta(days=1):
            raise Changed(
                f"The call in {folder} says it began on {started}, which is later than the"
                f" time-stamp over it ({stamp.at:%Y-%m-%d}): the clock was turned."
            )
    over = [stamp for head, stamp in stamps if head.size > entered.sequence]
    first = min(over, key=lambda stamp: stamp.at, default=None)
    return CheckedCall(
        call=str(entered.call),
        entry=entered.sequence,
        started=started,
        accesses=len(own) - 1,
        existed=first.at if first else None,
        authority=first.authority if first else None,
    )
