"""The times of a bundle: the time-stamps over its log, and whether its clocks can be believed."""

from __future__ import annotations

import hashlib

from firmware.evidence import timestamp
from firmware.evidence.boots import STEP_S
from firmware.evidence.bundle import proofs
from firmware.evidence.bundle.layout import STAMP
from firmware.evidence.bundle.manifest import Files
from firmware.evidence.entries import Entry, iso
from firmware.evidence.errors import Changed
from firmware.evidence.head import Head, SignedHead
from firmware.evidence.key import PublicKey
from firmware.evidence.merkle import verify_consistency

DAY_S = 86400.0


def checked_stamps(files: Files, head: Head, key: PublicKey) -> list[tuple[Head, timestamp.Stamp]]:
    """The time-stamps, each with the head it is over: this log has grown from there.

    Raises Changed and StampRefused.
    """
    found = []
    for size in sorted({read[1] for name in files.names if (read := STAMP.fullmatch(name))}):
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


def stamp_digests(files: Files) -> dict[str, str]:
    """What the log enters of the time-stamps it hands out: size of the log and SHA-256."""
    found: dict[str, str] = {}
    for size in sorted({read[1] for name in files.names if (read := STAMP.fullmatch(name))}):
        names = [f"stamps/{size}/{end}" for end in ("token.tsr", "chain.pem", "crl.pem")]
        data = b"".join(files.read(name) for name in names if name in files.names)
        found[size] = hashlib.sha256(data).hexdigest()
    return found


def check_times(
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
