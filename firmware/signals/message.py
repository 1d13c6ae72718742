"""The message layer: bytes whose checksum is right, in; what they say, out.

GR-30 single and multiple data messages and their ETSI and UK relatives (EN 300 659-3, SIN 227).
Every byte may have been made by someone hostile.
"""

from __future__ import annotations

from dataclasses import replace

from firmware.events import CallerId
from firmware.signals.parameters import (
    CALL,
    CALL_TYPE,
    CODES,
    DATE_TIME,
    KINDS,
    MESSAGE_WAITING_CALL,
    NAME,
    NAME_ABSENT,
    NAMES,
    NOT_DECODED,
    NOT_SENT,
    NUMBER,
    NUMBER_ABSENT,
    SINGLE,
    TEXTS,
    UNAVAILABLE,
    WHY_ABSENT,
)
from firmware.signals.text import clean, name_text, number_text

Parameter = tuple[int, bytes, bool]
"""Type, value, and whether the value is as long as its length says."""


def message_of(frame: bytes, v23: bool, whole: bool) -> CallerId:
    """The message of a frame (type, length, body, checksum), placed at sample 0.

    `whole`: checksum and soft decisions agree. Where they do not, nothing in it is believed.
    """
    single = frame[0] in SINGLE
    standard = "etsi-v23" if v23 else ("bellcore-sdmf" if single else "bellcore-mdmf")
    blank = CallerId(0, 0, standard, raw_hex=frame.hex())
    if not whole:
        return replace(blank, number_absent=NOT_DECODED, name_absent=NOT_DECODED)
    blank = replace(blank, kind=KINDS.get(frame[0], "other"))
    body = frame[2:-1]
    return _single(blank, body) if single else told(blank, parameters(body), NAMES, TEXTS)


def parameters(body: bytes) -> list[Parameter]:
    """Every parameter in its order, repeated ones too."""
    found: list[Parameter] = []
    at = 0
    while at + 2 <= len(body):
        kind, length = body[at], body[at + 1]
        value = body[at + 2 : at + 2 + length]
        found.append((kind, value, len(value) == length))
        at += 2 + length
    return found


def structured(frame: bytes) -> bool:
    """Whether whole parameters, at least one, fill the body."""
    found = parameters(frame[2:-1])
    length = sum(2 + len(value) for _, value, _ in found)
    return bool(found) and length == len(frame) - 3 and all(whole for _, _, whole in found)


def plausible(frame: bytes) -> bool:
    """Whether a message says what an exchange would say.

    Only used to doubt a message that was hard to hear, never to choose between two readings.
    """
    body = frame[2:-1]
    if frame[0] not in KINDS:
        return False
    if frame[0] in SINGLE:
        return frame[0] != 0x04 or (body[:8].isdigit() and not any(one < 0x20 for one in body))
    if not structured(frame):
        return False
    found = parameters(body)
    for kind, value, _ in found:
        if kind in (DATE_TIME, NUMBER, NAME) and any(one < 0x20 for one in value):
            return False
        if kind == DATE_TIME and not value.isdigit():
            return False
        if kind not in NAMES:
            return False
    return True


def told(
    blank: CallerId, found: list[Parameter], names: dict[int, str], texts: frozenset[int]
) -> CallerId:
    """What parameters say; of a parameter that is repeated, the first whole one counts."""
    values: dict[int, bytes] = {}
    for kind, value, whole in found:
        if whole:
            values.setdefault(kind, value)
    cut = {kind for kind, _, whole in found if not whole and kind not in values}
    if values.get(CALL_TYPE) == bytes([MESSAGE_WAITING_CALL]):
        blank = replace(blank, kind=KINDS[0x82])
    number, why = _number(values.get(NUMBER), values.get(NUMBER_ABSENT), NUMBER in cut)
    name, why_no_name = _name(values.get(NAME), values.get(NAME_ABSENT), NAME in cut)
    kept = tuple(
        (names.get(kind, f"0x{kind:02x}"), said(kind, value, names, texts))
        for kind, value, _ in found
    )
    if blank.kind != CALL:
        # The number of a mailbox, a charge or a message is none of a caller's: it stays in `kept`.
        return replace(
            blank,
            parameters=kept,
            when=when_text(values.get(DATE_TIME, b"")),
            number_absent=NOT_SENT,
            name_absent=NOT_SENT,
        )
    return replace(
        blank,
        parameters=kept,
        number=number,
        name=name,
        when=when_text(values.get(DATE_TIME, b"")),
        number_absent=why,
        name_absent=why_no_name,
    )


def said(kind: int, value: bytes, names: dict[int, str], texts: frozenset[int]) -> str:
    """A parameter's value for a person: text, the meaning of a code, or its bytes in hex."""
    if kind in texts:
        return name_text(value) if kind in (NAME, 0x50) else clean(value.decode("latin-1"))
    if kind in names and len(value) == 1:
        meaning = CODES.get(kind, {}).get(value[0])
        return meaning if meaning is not None else str(value[0]) if kind == 0x13 else value.hex()
    return value.hex()


def _number(raw: bytes | None, reason: bytes | None, cut: bool) -> tuple[str | None, str | None]:
    """The number, and why there is none."""
    if raw:
        if why := WHY_ABSENT.get(raw.decode("latin-1").strip()):
            return None, why
        number = number_text(raw)
        return (number, None) if number else (None, NOT_DECODED)
    return None, _why(reason, cut)


def _name(raw: bytes | None, reason: bytes | None, cut: bool) -> tuple[str | None, str | None]:
    """The name, and why there is none; exchanges send P and O as a name as well."""
    if raw:
        if why := WHY_ABSENT.get(raw.decode("latin-1").strip()):
            return None, why
        name = name_text(raw)
        return (name, None) if name else (None, NOT_SENT)
    return None, _why(reason, cut)


def _why(reason: bytes | None, cut: bool) -> str:
    if reason is not None:
        return WHY_ABSENT.get(reason.decode("latin-1").strip()[:1], UNAVAILABLE)
    return NOT_DECODED if cut else NOT_SENT


def when_text(raw: bytes) -> str | None:
    """Eight digits MMDDHHMM as they were sent; None where there are others."""
    text = raw.decode("latin-1")
    return text if len(text) == 8 and text.isascii() and text.isdigit() else None


def _single(blank: CallerId, body: bytes) -> CallerId:
    """A single data message: eight digits of date and time, then a number, or O or P."""
    blank = replace(blank, name_absent=NOT_SENT)
    if blank.kind != CALL:
        # GR-30: three times 0x42 lights the lamp, three times 0x6f puts it out.
        lamp = {b"\x42" * 3: "a message waits", b"\x6f" * 3: "no message waits"}
        kept = (("visual indicator", lamp.get(body, body.hex())),)
        return replace(blank, number_absent=NOT_SENT, parameters=kept)
    number, why = _number(body[8:] or None, None, cut=False)
    return replace(blank, number=number, number_absent=why, when=when_text(body[:8]))
