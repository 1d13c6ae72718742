"""Proofs as lines of text, which a shell script can read.

tipring inclusion proof 1          tipring consistency proof 1
entry 12                           old 50
size 100                           size 100
9a41...                            77c0...
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from firmware.evidence.errors import Changed

_FORM = re.compile(
    r"tipring (inclusion|consistency) proof 1\n(entry|old) (0|[1-9][0-9]{0,15})\n"
    r"size ([1-9][0-9]{0,15})\n((?:[0-9a-f]{64}\n){0,128})"
)


@dataclass(frozen=True, slots=True)
class Proof:
    """`at`: the entry's number, or the size of the older tree."""

    kind: str
    at: int
    size: int
    path: tuple[bytes, ...]


def inclusion(entry: int, size: int, path: Sequence[bytes]) -> bytes:
    """The text of an inclusion proof."""
    return _text("inclusion", "entry", entry, size, path)


def consistency(old: int, size: int, path: Sequence[bytes]) -> bytes:
    """The text of a consistency proof."""
    return _text("consistency", "old", old, size, path)


def _text(kind: str, word: str, at: int, size: int, path: Sequence[bytes]) -> bytes:
    lines = [f"tipring {kind} proof 1", f"{word} {at}", f"size {size}"]
    return ("\n".join([*lines, *(step.hex() for step in path)]) + "\n").encode("ascii")


def parse(text: bytes, kind: str, name: str) -> Proof:
    """Read a proof of that kind. Raises Changed, naming the file."""
    found = _FORM.fullmatch(text.decode("latin-1"))
    if found is None or found[1] != kind or (found[2] == "entry") != (kind == "inclusion"):
        raise Changed(f"{name} is not a proof that can be read.")
    steps = tuple(bytes.fromhex(step) for step in found[5].split())
    return Proof(kind, int(found[3]), int(found[4]), steps)
