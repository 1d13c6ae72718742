"""The signed tree head: what the box vouches for, in a few lines of text that openssl can check.

tipring log head 1
box 5f0c...
size 1234
root 9a41...
time 2026-03-04T05:06:07.000Z
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from firmware.evidence.entries import iso, unix
from firmware.evidence.errors import Changed, LogDamaged
from firmware.evidence.key import BoxKey, PublicKey

_FORM = re.compile(
    r"tipring log head 1\nbox ([0-9a-f]{32})\nsize (0|[1-9][0-9]{0,15})\n"
    r"root ([0-9a-f]{64})\ntime ([0-9T:.Z-]{24})\n"
)


@dataclass(frozen=True, slots=True)
class Head:
    """A tree of `size` entries with this root hash, at Unix second `at` by the box's clock."""

    box: str
    size: int
    root: bytes
    at: float

    def text(self) -> bytes:
        """The bytes that are signed, time-stamped and turned into words."""
        return (
            f"tipring log head 1\nbox {self.box}\nsize {self.size}\n"
            f"root {self.root.hex()}\ntime {iso(self.at)}\n"
        ).encode()

    @classmethod
    def parse(cls, text: bytes) -> Head:
        """Read the text. Raises LogDamaged."""
        try:
            found = _FORM.fullmatch(text.decode("ascii"))
            if found is None:
                raise ValueError("not the text of a head")
            box, size, root, at = found.groups()
            return cls(box, int(size), bytes.fromhex(root), unix(at))
        except ValueError as error:
            raise LogDamaged(f"The log's signed summary cannot be read: {error}.") from error


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A head and the box's signature over its text."""

    head: Head
    signature: bytes

    @classmethod
    def sign(cls, head: Head, key: BoxKey) -> SignedHead:
        """Vouch for the head."""
        return cls(head, key.sign(head.text()))

    def to_bytes(self) -> bytes:
        """The head's text and the signature in a line under it."""
        return self.head.text() + b"signature %s\n" % self.signature.hex().encode("ascii")

    @classmethod
    def from_bytes(cls, data: bytes) -> SignedHead:
        """Read `to_bytes`. Raises LogDamaged."""
        text, mark, signature = data.rpartition(b"signature ")
        if not mark or re.fullmatch(rb"[0-9a-f]{128}\n", signature) is None:
            raise LogDamaged("The log's signed summary is not complete.")
        return cls(Head.parse(text), bytes.fromhex(signature[:-1].decode("ascii")))

    def check(self, key: PublicKey) -> None:
        """Raises Changed where it is of another box, or not signed by it."""
        if self.head.box != key.box:
            raise Changed(
                f"The log is of another box: it says {self.head.box}, the key is of {key.box}."
            )
        if not key.verify(self.signature, self.head.text()):
            raise Changed("The signature under the log's summary is not of this box's key.")
