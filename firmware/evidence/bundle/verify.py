"""Checking a bundle by its own bytes: the zip, or the folder it was unpacked in.

Everything is refused with a reason in plain words. Where the reader knows the box (its key's
fingerprint), a bundle of any other box is refused too.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from firmware.evidence import timestamp
from firmware.evidence.boots import STEP_S
from firmware.evidence.bundle import container, proofs
from firmware.evidence.bundle.build import ENTERED, PAGE, PAGE_SUM, SUMS, UNLISTED
from firmware.evidence.bundle.container import Member
from firmware.evidence.bundle.exhibit import BESIDE, MORE
from firmware.evidence.entries import Entry, Kind, iso
from firmware.evidence.errors import Changed, KeyUnusable, LogDamaged, StampRefused
from firmware.evidence.head import Head, SignedHead
from firmware.evidence.key import PublicKey
from firmware.evidence.merkle import leaf_hash, verify_consistency, verify_inclusion

DAY_S = 86400.0
LARGEST_TEXT = 1 << 24
_LINE = re.compile(r"([0-9a-f]{64})  ([A-Za-z0-9._/-]{1,200})\n")
_ENTRY = re.compile(r"log/entry-([0-9]{12})\.json")
_STAMP = re.compile(
    r"stamps/([0-9]{12})/(head\.txt|head\.sig|token\.tsr|chain\.pem|crl\.pem|growth\.proof)"
)  # noqa: E501
_CALL = re.compile(
    r"calls/([0-9]{3})/((?:record|marks|later|transcript)\.json|recording(-[0-9]+)?\.flac)"
)
_ROOT = ("READ-ME.txt", "box.pem", "cover.html", "cover.pdf", "log/head.txt", "log/head.sig")
_REQUIRED = (*_ROOT, "verify.sh", *UNLISTED)


@dataclass(frozen=True, slots=True)
class CheckedCall:
    """`existed`: the earliest time-stamp over the call, None without one."""

    call: str
    entry: int
    started: str
    accesses: int
    existed: datetime | None
    authority: str | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """An unchanged bundle. `notes`: what its reader should know."""

    box: str
    head: Head
    calls: list[CheckedCall]
    notes: list[str] = field(default_factory=list)


class _Files:
    """The members by name; what is asked for and missing is named."""

    def __init__(self, members: Mapping[str, Member]) -> None:
        self._members = members
        self.names = set(members)
        self.digests: dict[str, str] = {}
        for name, member in members.items():
            digest = hashlib.sha256()
            for block in member.blocks():
                digest.update(block)
            self.digests[name] = digest.hexdigest()

    def read(self, name: str) -> bytes:
        if name not in self._members:
            raise Changed(f"{name} is missing.")
        if self._members[name].size > LARGEST_TEXT:
            raise Changed(f"{name} is far larger than such a file is.")
        return self._members[name].read()


def verify(path: Path, box: str | None = None, now: float | None = None) -> Verdict:
    """Check a bundle. Raises Changed with the reason.

    `box`: the fingerprint that the box's key must have; `now`: Unix seconds of the reader's clock.
    """
    now = time.time() if now is None else now
    if path.is_symlink() or not path.exists():
        raise Changed(f"{path} is not there, or is a link to another place.")
    members = container.folder(path) if path.is_dir() else container.read(path)
    if not path.is_dir() and [one.name for one in members] != sorted(one.name for one in members):
        raise Changed("The files in the ZIP were put in another order than the box wrote them.")
    try:
        return _verified(_Files({one.name: one for one in members}), box, now)
    except (LogDamaged, KeyUnusable, StampRefused) as error:
        raise Changed(str(error)) from error
    except OSError as error:
        raise Changed(f"{path} cannot be read ({error.strerror}).") from error


def _verified(files: _Files, box: str | None, now: float) -> Verdict:
    for name in _REQUIRED:
        if name not in files.names:
            raise Changed(f"{name} is missing.")
    key = PublicKey(files.read("box.pem"))
    _sums(files, key)
    if box is not None and key.box != box:
        raise Changed(
            f"This bundle was signed by another box: its key's fingerprint is {key.box}, and yours"
            f" is {box}."
        )
    signed = SignedHead(Head.parse(files.read("log/head.txt")), files.read("log/head.sig"))
    signed.check(key)
    entries = _entries(files, signed.head, key)
    calls = _calls(files, entries)
    stamps = _stamps(files, signed.head, key)
    notes: list[str] = []
    _times(entries, signed.head, stamps, now, notes)
    if not stamps:
        notes.append(
            "There is no time-stamp from outside the box: that the recording is as old as it says"
            " rests on the box's own clock."
        )
    checked = [_checked_call(files, *one, entries, stamps) for one in calls]
    return Verdict(key.box, signed.head, checked, notes)


def _listed(files: _Files, name: str) -> dict[str, str]:
    text = files.read(name).decode("latin-1")
    found: dict[str, str] = {}
    for line in text.splitlines(keepends=True):
        read = _LINE.fullmatch(line)
        if read is None or read[2] in found:
            raise Changed(f"The list of files, {name}, was changed.")
        found[read[2]] = read[1]
    return found


def _sums(files: _Files, key: PublicKey) -> None:
    """Every file is in a signed list, and is what the list says."""
    listed = _listed(files, SUMS)
    page = _listed(files, PAGE_SUM)
    if set(page) != {PAGE}:
        raise Changed(f"{PAGE_SUM} was changed.")
    for name in sorted({*listed, *page}):
        if name not in files.names:
            raise Changed(f"{name} is missing.")
        if files.digests[name] != {**listed, **page}[name]:
            raise Changed(f"{name} was changed.")
    for name in sorted(files.names - set(listed) - set(UNLISTED)):
        raise Changed(f"{name} was added; the box did not put it in.")
    for name in sorted(set(listed) & set(UNLISTED)):
        raise Changed(f"{name} is listed where it cannot be.")
    for name in (SUMS, PAGE_SUM):
        if not key.verify(files.read(f"{name}.sig"), files.read(name)):
            raise Changed(
                f"The signature of {name} is not of this key: the list or the key was replaced."
            )
    for name in listed:
        known = name in _REQUIRED or _ENTRY.fullmatch(name) or name.endswith(".proof")
        if not known and not _STAMP.fullmatch(name) and not _CALL.fullmatch(name):
            raise Changed(f"{name} is not a file that a bundle has.")


def _entries(files: _Files, head: Head, key: PublicKey) -> dict[int, Entry]:
    found: dict[int, Entry] = {}
    for name in sorted(files.names):
        read = _ENTRY.fullmatch(name)
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


def _calls(files: _Files, entries: dict[int, Entry]) -> list[tuple[str, Entry]]:
    """Each call's folder with the entry that holds its hashes; every entry belongs to one."""
    folders = sorted({read[1] for name in files.names if (read := _CALL.fullmatch(name))})
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
            if (read := _CALL.fullmatch(name)) and read[1] == number and read[3]
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


def _checked_call(
    files: _Files,
    folder: str,
    entered: Entry,
    entries: dict[int, Entry],
    stamps: list[tuple[Head, timestamp.Stamp]],
) -> CheckedCall:
    own = [number for number, entry in sorted(entries.items()) if entry.call == entered.call]
    last = entries[own[-1]]
    if last.kind != Kind.EXPORTED or last.facts.get("entries") != own[:-1]:
        raise Changed(f"The list of what happened to the call in {folder} is not complete.")
    if last.facts.get("stamps") != _stamp_digests(files):
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


def _stamp_digests(files: _Files) -> dict[str, str]:
    found: dict[str, str] = {}
    for size in sorted({read[1] for name in files.names if (read := _STAMP.fullmatch(name))}):
        names = [f"stamps/{size}/{end}" for end in ("token.tsr", "chain.pem", "crl.pem")]
        data = b"".join(files.read(name) for name in names if name in files.names)
        found[size] = hashlib.sha256(data).hexdigest()
    return found


def _stamps(files: _Files, head: Head, key: PublicKey) -> list[tuple[Head, timestamp.Stamp]]:
    found = []
    for size in sorted({read[1] for name in files.names if (read := _STAMP.fullmatch(name))}):
        base = f"stamps/{size}"
        old = SignedHead(Head.parse(files.read(f"{base}/head.txt")), files.read(f"{base}/head.sig"))
        old.check(key)
        proof = proofs.parse(
            files.read(f"{base}/growth.proof"), "consistency", f"{base}/growth.proof"
        )
        grown = (proof.at, proof.size) == (old.head.size, head.size) and verify_consistency(
            old.head.size, head.size, proof.path, old.head.root, head.root
        )
        if int(size) != old.head.size or not grown:
            raise Changed(
                f"The log of the time-stamp in {base} is not the beginning of this log: entries"
                " were changed or removed after it was stamped."
            )
        crl = files.read(f"{base}/crl.pem") if f"{base}/crl.pem" in files.names else b""
        chain = files.read(f"{base}/chain.pem")
        found.append(
            (
                old.head,
                timestamp.check(files.read(f"{base}/token.tsr"), old.head.text(), chain, crl),
            )
        )
    return found


def _times(
    entries: dict[int, Entry],
    head: Head,
    stamps: list[tuple[Head, timestamp.Stamp]],
    now: float,
    notes: list[str],
) -> None:
    """What the times say must be possible. Raises Changed."""
    ordered = [entry for _, entry in sorted(entries.items())]
    for before, after in zip(ordered, ordered[1:], strict=False):
        if before.boot == after.boot and after.monotonic < before.monotonic - STEP_S:
            raise Changed(
                f"Entry {after.sequence} was made before entry {before.sequence}, though it stands"
                " behind it."
            )
    if ordered and head.at < ordered[-1].at - STEP_S:
        raise Changed("The log was signed before its last entry was made: the clock was turned.")
    latest = max([head.at, *(entry.at for entry in ordered)])
    if latest > now + DAY_S:
        raise Changed(
            f"The bundle says it was made on {iso(latest)[:10]}, which is in the future by this"
            " computer's clock. One of the two clocks is wrong, or was turned."
        )
    for old, stamp in stamps:
        if stamp.at.timestamp() > now + DAY_S:
            raise Changed(
                f"A time-stamp is of {stamp.at:%Y-%m-%d}, which is in the future by this"
                " computer's clock."
            )
        ahead = old.at - stamp.at.timestamp()
        if ahead > DAY_S:
            raise Changed(
                f"The log says it was signed on {iso(old.at)[:10]}, but was time-stamped before"
                f" that, on {stamp.at:%Y-%m-%d}: the box's clock was turned."
            )
        if ahead > 120:
            notes.append(
                f"The box's clock was {ahead:.0f} seconds ahead of the time-stamp authority's."
            )
