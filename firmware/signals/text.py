"""Text from the telephone line is hostile: decoded, cleaned, cut to a length."""

from __future__ import annotations

import unicodedata

LONGEST = 64
DIALABLE = frozenset("0123456789+*#ABCD")
# Tried in this order where the bytes are not UTF-8; the one that gives most letters wins.
CHARACTER_SETS = ("cp1250", "iso8859-2", "iso8859-1")


def clean(text: str) -> str:
    """Without control, format and unassigned characters, in NFC, one space between words."""
    kept = "".join(
        " " if one.isspace() else one
        for one in unicodedata.normalize("NFC", text)
        if one.isspace() or not unicodedata.category(one).startswith("C")
    )
    return " ".join(kept.split())[:LONGEST]


def name_text(raw: bytes) -> str:
    """A name, in the character set that makes the most sense of its bytes."""
    try:
        return clean(raw.decode("utf-8"))
    except UnicodeDecodeError:
        read = [clean(raw.decode(code, "ignore")) for code in CHARACTER_SETS]
        return max(read, key=lambda text: sum(one.isalpha() or one == " " for one in text))


def number_text(raw: bytes) -> str:
    """A number: digits and what else can be dialled, nothing else."""
    return "".join(one for one in raw.decode("latin-1") if one in DIALABLE)[:32]
