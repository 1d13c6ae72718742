"""Making a bundle: everything that a stranger needs to check these calls, in one zip."""

from __future__ import annotations

import hashlib
import os
import secrets
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from firmware.evidence import anchors
from firmware.evidence.bundle import container, cover_html, cover_pdf, page, proofs
from firmware.evidence.bundle.container import Member, of_bytes
from firmware.evidence.bundle.cover import Told, sheets
from firmware.evidence.bundle.exhibit import MORE, Case, Exhibit
from firmware.evidence.bundle.layout import PAGE, PAGE_SUM, SUMS
from firmware.evidence.bundle.texts import READ_ME
from firmware.evidence.entries import ENTERED, GONE, Entry, Kind
from firmware.evidence.errors import BundleImpossible
from firmware.evidence.head import Head, SignedHead
from firmware.evidence.log import EventLog

SCRIPT = Path(__file__).parent / "verify.sh"
Progress = Callable[[str], None]
Draw = Callable[[list[Told], Head, Case], tuple[bytes, bytes]]


def draw(calls: list[Told], head: Head, case: Case) -> tuple[bytes, bytes]:
    """The cover sheet as HTML and as PDF."""
    drawn = sheets(calls, head, case)
    return cover_html.page(drawn).encode(), cover_pdf.document(drawn, head.at)


@dataclass(frozen=True, slots=True)
class Made:
    """A bundle that was written, over the log as it was then."""

    path: Path
    signed: SignedHead
    size: int


def build(
    out: Path,
    exhibits: list[Exhibit],
    log: EventLog,
    case: Case | None = None,
    progress: Progress = lambda _step: None,
    cover: Draw = draw,
) -> Made:
    """Enter the export in the log, then write the bundle. Raises BundleImpossible."""
    if not exhibits:
        raise BundleImpossible("A bundle needs at least one call.")
    if out.exists():
        raise BundleImpossible(f"{out} is there already; it is not overwritten.")
    progress("entering the export in the log")
    bundle_id = secrets.token_hex(8)
    stamps = anchors.stamped(log.folder)
    chosen = _chosen([_entered(exhibit, log) for exhibit in exhibits], stamps)
    for exhibit in exhibits:
        before = log.of_call(exhibit.call)
        facts = {"bundle": bundle_id, "entries": before, "stamps": _digests(chosen)}
        facts |= {
            f"{name}_sha256": hashlib.sha256(data).hexdigest()
            for name, data in exhibit.beside.items()
        }
        log.append(Kind.EXPORTED, exhibit.call, facts)
    signed = log.head()
    calls = [_told(exhibit, log, stamps) for exhibit in exhibits]
    progress("drawing the cover sheet")
    html, pdf = cover(calls, signed.head, case or Case())
    members = [
        of_bytes("READ-ME.txt", READ_ME.encode()),
        of_bytes("box.pem", log.key.public.pem),
        of_bytes("cover.html", html),
        of_bytes("cover.pdf", pdf),
        of_bytes("log/head.txt", signed.head.text()),
        of_bytes("log/head.sig", signed.signature),
        of_bytes("verify.sh", SCRIPT.read_bytes()),
    ]
    progress("collecting recordings and proofs")
    for place, told in enumerate(calls, 1):
        members += _files(told, f"calls/{place:03d}")
    members += _proved(calls, signed, log)
    members += _stamped(chosen, signed, log)
    members.sort(key=lambda member: member.name)
    sums = b"".join(b"%s  %s\n" % (_sha256(one).encode(), one.name.encode()) for one in members)
    members += [of_bytes(SUMS, sums), of_bytes(f"{SUMS}.sig", log.key.sign(sums))]
    progress("writing the page that checks itself")
    checks = page.made(members)
    listed = b"%s  %s\n" % (hashlib.sha256(checks).hexdigest().encode(), PAGE.encode())
    members += [of_bytes(PAGE, checks), of_bytes(PAGE_SUM, listed)]
    members.append(of_bytes(f"{PAGE_SUM}.sig", log.key.sign(listed)))
    members.sort(key=lambda member: member.name)
    progress("writing the ZIP")
    _write(out, members)
    return Made(out, signed, out.stat().st_size)


def _write(out: Path, members: list[Member]) -> None:
    temporary = out.with_name(f".{out.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("xb") as file:
            container.write(file, members)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(out)
    except OSError as error:
        raise BundleImpossible(f"{out}: cannot be written ({error.strerror}).") from error
    finally:
        temporary.unlink(missing_ok=True)


def _entered(exhibit: Exhibit, log: EventLog) -> Entry:
    """The newest entry that holds this call's hashes. Raises BundleImpossible."""
    found: Entry | None = None
    for number in log.of_call(exhibit.call):
        entry = log.entry(number)
        if entry.kind in GONE:
            raise BundleImpossible(
                f"The call {exhibit.call} was {entry.kind}; only its entries in the log are left."
            )
        if entry.kind in ENTERED:
            found = entry
    if found is None:
        raise BundleImpossible(f"The call {exhibit.call} is not in the log.")
    if found.facts.get("record_sha256") != hashlib.sha256(exhibit.record).hexdigest():
        raise BundleImpossible(
            f"The record of the call {exhibit.call} is not the one that was sealed: it was changed"
            " in the archive. No bundle is made of it."
        )
    return found


def _told(exhibit: Exhibit, log: EventLog, stamps: anchors.Stamped) -> Told:
    entered = _entered(exhibit, log)
    digest = None
    if exhibit.audio is not None:
        digest = _sha256(_streamed("recording.flac", exhibit.audio))
    more = {
        f"{MORE}{place}": _sha256(_streamed(f"recording-{place}.flac", one))
        for place, one in enumerate(exhibit.more, 1)
    }
    if entered.facts.get("flac_sha256") != digest or more != {
        name: one for name, one in entered.facts.items() if name.startswith(MORE)
    }:
        raise BundleImpossible(
            f"The recording of the call {exhibit.call} is not the one that was sealed: it was"
            " changed or is missing in the archive. No bundle is made of it."
        )
    entries = [log.entry(number) for number in log.of_call(exhibit.call)]
    anchor = stamps.covering(entered.sequence)
    return Told(exhibit, entered, entries, digest, anchor.stamp if anchor else None)


def _files(told: Told, folder: str) -> list[Member]:
    exhibit = told.exhibit
    found = [of_bytes(f"{folder}/record.json", exhibit.record)]
    found += [of_bytes(f"{folder}/{name}.json", data) for name, data in exhibit.beside.items()]
    if exhibit.audio is not None:
        found.append(_streamed(f"{folder}/recording.flac", exhibit.audio))
    for place, one in enumerate(exhibit.more, 1):
        found.append(_streamed(f"{folder}/recording-{place}.flac", one))
    return found


def _streamed(name: str, opened: Callable[[], BinaryIO]) -> Member:
    crc = size = 0
    with opened() as file:
        while block := file.read(container.BLOCK):
            crc, size = zlib.crc32(block, crc), size + len(block)
    return Member(name, size, crc, opened)


def _proved(calls: list[Told], signed: SignedHead, log: EventLog) -> list[Member]:
    found = []
    size = signed.head.size
    for told in calls:
        for entry in told.entries:
            base = f"log/entry-{entry.sequence:012d}"
            proof = proofs.inclusion(entry.sequence, size, log.prove(entry.sequence, size))
            found += [of_bytes(f"{base}.json", log.line(entry.sequence))]
            found += [of_bytes(f"{base}.proof", proof)]
    return found


def _chosen(entered: list[Entry], stamps: anchors.Stamped) -> dict[int, anchors.Anchor]:
    """The earliest stamp over each call, and the newest stamp of all, by their sizes."""
    wanted = [*(stamps.covering(entry.sequence) for entry in entered), stamps.newest()]
    return {one.signed.head.size: one for one in wanted if one}


def _digests(chosen: dict[int, anchors.Anchor]) -> dict[str, str]:
    """What the export's entry keeps of each stamp: nobody can put another in its place."""
    return {
        f"{size:012d}": hashlib.sha256(one.answer + one.stamp.chain + one.crl).hexdigest()
        for size, one in chosen.items()
    }


def _stamped(chosen: dict[int, anchors.Anchor], signed: SignedHead, log: EventLog) -> list[Member]:
    """Each stamp with its growth up to the bundle's head."""
    found = []
    for size, anchor in sorted(chosen.items()):
        base = f"stamps/{size:012d}"
        growth = proofs.consistency(
            size, signed.head.size, log.prove_growth(size, signed.head.size)
        )
        found += [
            of_bytes(f"{base}/head.txt", anchor.signed.head.text()),
            of_bytes(f"{base}/head.sig", anchor.signed.signature),
            of_bytes(f"{base}/token.tsr", anchor.answer),
            of_bytes(f"{base}/chain.pem", anchor.stamp.chain),
            of_bytes(f"{base}/growth.proof", growth),
        ]
        if anchor.crl:
            found.append(of_bytes(f"{base}/crl.pem", anchor.crl))
    return found


def _sha256(member: Member) -> str:
    digest = hashlib.sha256()
    for block in member.blocks():
        digest.update(block)
    return digest.hexdigest()
