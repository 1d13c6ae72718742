"""The files of a bundle: those that the box listed and signed, unchanged, and no others."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from firmware.evidence.bundle.container import Member
from firmware.evidence.bundle.layout import (
    CALL,
    ENTRY,
    PAGE,
    PAGE_SUM,
    REQUIRED,
    STAMP,
    SUMS,
    UNLISTED,
)
from firmware.evidence.errors import Changed
from firmware.evidence.key import PublicKey

LARGEST_TEXT = 1 << 24
_LINE = re.compile(r"([0-9a-f]{64})  ([A-Za-z0-9._/-]{1,200})\n")


class Files:
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
        """The bytes of a small member. Raises Changed where it is missing, or far too large."""
        if name not in self._members:
            raise Changed(f"{name} is missing.")
        if self._members[name].size > LARGEST_TEXT:
            raise Changed(f"{name} is far larger than such a file is.")
        return self._members[name].read()


def check_listed(files: Files, key: PublicKey) -> None:
    """Every file is in a signed list, and is what the list says. Raises Changed."""
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
        known = name in REQUIRED or ENTRY.fullmatch(name) or name.endswith(".proof")
        if not known and not STAMP.fullmatch(name) and not CALL.fullmatch(name):
            raise Changed(f"{name} is not a file that a bundle has.")


def _listed(files: Files, name: str) -> dict[str, str]:
    text = files.read(name).decode("latin-1")
    found: dict[str, str] = {}
    for line in text.splitlines(keepends=True):
        read = _LINE.fullmatch(line)
        if read is None or read[2] in found:
            raise Changed(f"The list of files, {name}, was changed.")
        found[read[2]] = read[1]
    return found
