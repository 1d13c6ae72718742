"""Text from the telephone line is hostile: decoded, cleaned, cut to a length."""

from __future__ import annotations

import unicodedata

LONGEST = 64
LONGEST_NUMBER = 32
DIALABLE = frozenset("0123456789*#")
BETWEEN_DIGITS = frozenset(" -./()")
# Tried in this order where the bytes are not UTF-8; of those that make the same sense, the first.
CHARACTER_SETS = ("cp1250", "iso8859-2", "cp1252", "cp852", "cp850", "cp437")
POLISH = frozenset("ąćęłńóśźżĄĆĘŁŃÓŚŹŻ")
# Letters of the character sets above that stand in names of the languages in use.
COMMON = POLISH | frozenset("áéíúýčďěňřšťůžäöüßàâæçèêëîïôœùûÿãõåøñľĺŕőűđ")
VOWELS = frozenset("aeiouyáéíóúýąęåæøäöüàâèêëîïôùûãõěůőű")
# Polish writes ci, ni, si, zi before a vowel, never these.
SOFT = frozenset("ćńśź")


def clean(text: str) -> str:
    """Without control, format and unassigned characters, in NFC, one space between words."""
    kept = "".join(
        " " if one.isspace() else one
        for one in text
        if one.isspace() or not unicodedata.category(one).startswith("C")
    )
    return unicodedata.normalize("NFC", " ".join(kept.split())[:LONGEST]).strip()


def name_text(raw: bytes) -> str:
    """A name, in the character set that makes the most sense of its bytes."""
    if raw.isascii():
        return clean(raw.decode("ascii"))
    try:
        return clean(raw.decode("utf-8"))
    except UnicodeDecodeError:
        read = [raw.decode(code, "replace") for code in CHARACTER_SETS]
        return clean(max(read, key=_sense).replace("\ufffd", ""))


def _sense(text: str) -> float:
    """How much a text looks like a name: common letters, vowels between consonants, one case."""
    score = 0.0
    for place, one in enumerate(text):
        if one.isascii():
            continue
        before = text[place - 1] if place else " "
        behind = text[place + 1] if place + 1 < len(text) else " "
        if not one.isalpha():
            score -= 4
            continue
        score += 3 if one in POLISH else 2 if one.lower() in COMMON else -1
        if one.isupper() and before.islower():
            score -= 4
        if one.islower() and before.isupper() and behind.isupper():
            score -= 4
        around = (before.lower() in VOWELS) + (behind.lower() in VOWELS)
        if one.lower() in SOFT and behind.lower() in VOWELS:
            score -= 2
        elif one.lower() in VOWELS:
            score -= 0.75 * around
        else:
            score += 0.75 * around - 0.75
    return score


def number_text(raw: bytes) -> str:
    """A number: digits, * and #, and + before them; empty where anything else is in it.

    To leave out what is no digit would invent a number.
    """
    text = "".join(one for one in raw.decode("latin-1").strip() if one not in BETWEEN_DIGITS)
    digits = text.removeprefix("+")
    return text[:LONGEST_NUMBER] if digits and set(digits) <= DIALABLE else ""
