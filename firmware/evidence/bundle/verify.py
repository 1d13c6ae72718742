"""Checking a bundle by its own bytes: the zip, or the folder it was unpacked in.

Everything is refused with a reason in plain words. Where the reader knows the box (its key's
fingerprint), a bundle of any other box is refused too.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

from firmware.evidence.bundle import container
from firmware.evidence.bundle.calls import (
    CheckedCall,
    checked_call,
    known_calls,
    logged_entries,
)
from firmware.evidence.bundle.layout import REQUIRED
from firmware.evidence.bundle.manifest import Files, check_listed
from firmware.evidence.bundle.stamps import check_times, checked_stamps
from firmware.evidence.errors import Changed, KeyUnusable, LogDamaged, StampRefused
from firmware.evidence.head import Head, SignedHead
from firmware.evidence.key import PublicKey


@dataclass(frozen=True, slots=True)
class Verdict:
    """An unchanged bundle. `notes`: what its reader should know."""

    box: str
    head: Head
    calls: list[CheckedCall]
    notes: list[str] = field(default_factory=list)


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
        return _verified(Files({one.name: one for one in members}), box, now)
    except (LogDamaged, KeyUnusable, StampRefused) as error:
        raise Changed(str(error)) from error
    except OSError as error:
        raise Changed(f"{path} cannot be read ({error.strerror}).") from error


def _verified(files: Files, box: str | None, now: float) -> Verdict:
    for name in REQUIRED:
        if name not in files.names:
            raise Changed(f"{name} is missing.")
    key = PublicKey(files.read("box.pem"))
    check_listed(files, key)
    if box is not None and key.box != box:
        raise Changed(
            f"This bundle was signed by another box: its key's fingerprint is {key.box}, and yours"
            f" is {box}."
        )
    signed = SignedHead(Head.parse(files.read("log/head.txt")), files.read("log/head.sig"))
    signed.check(key)
    entries = logged_entries(files, signed.head, key)
    calls = known_calls(files, entries)
    stamps = checked_stamps(files, signed.head, key)
    notes: list[str] = []
    check_times(entries, signed.head, stamps, now, notes)
    if not stamps:
        notes.append(
            "There is no time-stamp from outside the box: that the recording is as old as it says"
            " rests on the box's own clock."
        )
    checked = [checked_call(files, *one, entries, stamps) for one in calls]
    return Verdict(key.box, signed.head, checked, notes)
