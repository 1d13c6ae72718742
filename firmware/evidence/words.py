"""Words and QR codes: what a person can write down, print, mail or photograph.

Twelve words are the first 128 bits of the SHA-256 of a signed head's text, with 4 bits that catch a
word that was misread (BIP-39). Whoever holds them can later show that the log contains what it
contained then: to find another head with the same words takes about 2**128 tries.
"""

from __future__ import annotations

import hashlib

from firmware.evidence.errors import WordsWrong
from firmware.evidence.head import Head, SignedHead

HEAD_BYTES = 16
SEED_BYTES = 32


def of_bytes(data: bytes) -> str:
    """12 words for 16 bytes, 24 words for 32."""
    from mnemonic import Mnemonic

    return str(Mnemonic("english").to_mnemonic(data))


def to_bytes(words: str) -> bytes:
    """The bytes again. Raises WordsWrong, naming the word that is unknown."""
    from mnemonic import Mnemonic

    list_ = Mnemonic("english")
    said = words.lower().split()
    known = set(list_.wordlist)
    for place, word in enumerate(said, 1):
        if word not in known:
            raise WordsWrong(f"Word {place}, {word!r}, is not one of the list's words.")
    try:
        return bytes(list_.to_entropy(said))
    except (ValueError, LookupError) as error:
        raise WordsWrong(
            f"These {len(said)} words do not belong together: one was misread, or two changed"
            " places."
        ) from error


def of_head(head: Head) -> str:
    """The 12 words of a head."""
    return of_bytes(hashlib.sha256(head.text()).digest()[:HEAD_BYTES])


def is_head(words: str, head: Head) -> bool:
    """Whether these are the words of that head. Raises WordsWrong."""
    return to_bytes(words) == hashlib.sha256(head.text()).digest()[:HEAD_BYTES]


def head_text(signed: SignedHead) -> str:
    """What the QR code holds: the head and its signature, which a stranger can check."""
    return signed.to_bytes().decode("ascii")


def qr_svg(text: str, scale: int = 3) -> str:
    """The text as a QR code with error correction M: an inline SVG element, black on white."""
    import segno

    made = segno.make(text, error="m", micro=False)
    return str(made.svg_inline(scale=scale, omitsize=True, light="white", border=4))
