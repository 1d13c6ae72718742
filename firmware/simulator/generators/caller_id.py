"""Caller-ID messages byte by byte (GR-30/GR-31, EN 300 659-3, SIN 227; NTT) and the DTMF sequence.

A message is: type, length, parameters, and a last byte that makes the sum of all bytes a multiple
of 256. NTT's is framed otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

SDMF = 0x04
SDMF_WAITING = 0x06
MDMF = 0x80
MDMF_WAITING = 0x82
DATE_TIME = 0x01
NUMBER = 0x02
NUMBER_ABSENT = 0x04
NAME = 0x07
NAME_ABSENT = 0x08
VISUAL_INDICATOR = 0x0B
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


def waiting_sdmf(waits: bool) -> bytes:
    """A single-data message that lights the message-waiting lamp or puts it out (GR-30)."""
    return with_checksum(bytes([SDMF_WAITING, 3]) + (b"\x42" if waits else b"\x6f") * 3)


def waiting_mdmf(waits: bool, more: Iterable[Parameter] = ()) -> bytes:
    """A multiple-data message about the message-waiting lamp."""
    lamp = (VISUAL_INDICATOR, b"\xff" if waits else b"\x00")
    return raw_mdmf([lamp, *more], MDMF_WAITING)


def ntt(parameters: Iterable[Parameter], content: int = 0x40) -> bytes:
    """A message of NTT's: DLE framing, even parity, CRC-16; 0x40 is the calling number's."""
    body = b"".join(bytes([code, len(value)]) + value for code, value in parameters)
    inside = bytes([content, len(body)]) + body
    inside = inside.replace(b"\x10", b"\x10\x10")
    checked = even(b"\x07\x10\x02" + inside + b"\x10\x03")
    return even(b"\x10\x01") + checked + _remainder(checked).to_bytes(2, "little")


def even(data: bytes) -> bytes:
    """Seven-bit bytes with an eighth that makes the number of ones even."""
    return bytes(one | 0x80 * (one.bit_count() % 2) for one in data)


def _remainder(data: bytes) -> int:
    """The CRC by long division: bits as they go out, times x^16, over x^16 + x^12 + x^5 + 1."""
    bits = [byte >> place & 1 for byte in data for place in range(8)] + [0] * 16
    for at in range(len(bits) - 16):
        if bits[at]:
            for power in (0, 4, 11, 16):
                bits[at + power] ^= 1
    # The highest power goes out first, and the first bit out is the lowest of a byte.
    return sum(bit << place for place, bit in enumerate(bits[-16:]))


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
