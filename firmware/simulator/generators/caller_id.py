"""Caller-ID messages byte by byte (GR-30/GR-31, EN 300 659-3, SIN 227) and the DTMF sequence.

A message is: type, length, parameters, and a last byte that makes the sum of all bytes a multiple
of 256.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

SDMF = 0x04
MDMF = 0x80
DATE_TIME = 0x01
NUMBER = 0x02
NUMBER_ABSENT = 0x04
NAME = 0x07
NAME_ABSENT = 0x08
CALL_TYPE = 0x11

Parameter = tuple[int, bytes]


def with_checksum(message: bytes) -> bytes:
    """The message and its two's-complement checksum."""
    return message + bytes([-sum(message) % 256])


def text(value: str | bytes) -> bytes:
    """Bytes as they are; text one byte a character, what Latin-1 lacks as a question mark."""
    return value if isinstance(value, bytes) else value.encode("latin-1", "replace")


def raw_mdmf(parameters: Iterable[Parameter], kind: int = MDMF) -> bytes:
    """A message of any parameters, right or wrong, with a right checksum."""
    body = b"".join(bytes([code, len(value)]) + value for code, value in parameters)
    return with_checksum(bytes([kind, len(body)]) + body)


def mdmf(
    when: str = "",
    number: str | bytes = "",
    name: str | bytes = "",
    number_absent: str = "",
    name_absent: str = "",
    more: Iterable[Parameter] = (),
) -> bytes:
    """A multiple-data message; `when` is MMDDHHMM; absent: O (unavailable) or P (withheld)."""
    chosen = [
        (DATE_TIME, text(when)),
        (NUMBER, text(number)),
        (NUMBER_ABSENT, text(number_absent)),
        (NAME, text(name)),
        (NAME_ABSENT, text(name_absent)),
    ]
    return raw_mdmf([*((code, value) for code, value in chosen if value), *more])


def sdmf(when: str, number: str | bytes = "", number_absent: str = "") -> bytes:
    """A single-data message: eight digits of date and time, then the number, or O or P."""
    body = text(when) + (text(number) or text(number_absent))
    return with_checksum(bytes([SDMF, len(body)]) + body)


def spoilt(message: bytes, by: int = 0x5A) -> bytes:
    """The message with a checksum that is off by `by`."""
    return message[:-1] + bytes([(message[-1] + by) % 256])


def garbage(count: int, random: np.random.Generator) -> bytes:
    """Random bytes whose checksum is certainly wrong, whatever length the second byte claims."""
    data = bytearray(random.integers(0, 256, max(count, 3), dtype=np.uint8).tobytes())
    data[0], data[1] = MDMF, len(data) - 3
    data[-1] = (-sum(data[:-1]) + 0x5A) % 256
    return bytes(data)


def dtmf_clip(number: str, start: str = "A", end: str = "C") -> str:
    """The digits of a DTMF CLIP: start code, number, end code."""
    return f"{start}{number}{end}"
