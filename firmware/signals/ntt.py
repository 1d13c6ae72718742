"""Japan (NTT): V.23 with even parity, DLE framing and a 16-bit CRC.

    DLE SOH header DLE STX 0x40 length parameters DLE ETX CRC CRC

A DLE inside is sent twice. The CRC (x^16 + x^12 + x^5 + 1, from zero, least significant bit first)
runs over all bytes as sent, parity and DLE included, from the header to the CRC itself, and is
then zero. Found alike in two independent programs, Asterisk's reader and spandsp's sender; NTT's
own document was not at hand.
"""

from __future__ import annotations

from dataclasses import replace

from firmware.events import CallerId
from firmware.signals.message import parameters, told
from firmware.signals.parameters import NOT_DECODED, NTT_NAMES, NTT_TEXTS

DLE, SOH, STX, ETX = 0x10, 0x01, 0x02, 0x03
CALLING_NUMBER = 0x40
PARITY = tuple(bin(byte).count("1") % 2 for byte in range(256))


def begins(data: bytes) -> bool:
    """Whether bytes as received start an NTT message."""
    return len(data) >= 6 and data[0] & 0x7F == DLE and data[1] & 0x7F == SOH


def crc(data: bytes) -> int:
    """CRC-16 as V.41 has it: 0 over a message that ends with its own."""
    rest = 0
    for byte in data:
        rest ^= byte
        for _ in range(8):
            rest = (rest >> 1) ^ (0x8408 if rest & 1 else 0)
    return rest


def length_of(data: bytes) -> int | None:
    """How many of the bytes as received make the message; None where its end is not among them."""
    at = 2
    while at + 3 < len(data):
        if data[at] & 0x7F == DLE:
            if data[at + 1] & 0x7F == ETX:
                return at + 4
            at += 1
        at += 1
    return None


def message_of(data: bytes, sure: bool) -> CallerId:
    """The message of bytes as received, placed at sample 0; `sure`: the bits are clear."""
    blank = CallerId(0, 0, "ntt", raw_hex=data.hex())
    spoilt = replace(blank, number_absent=NOT_DECODED, name_absent=NOT_DECODED)
    # The CRC itself is eight bits a byte.
    odd = any(PARITY[byte] for byte in data[:-2])
    if not sure or odd or crc(data[2:]) != 0:
        return spoilt
    plain = _unstuffed(bytes(byte & 0x7F for byte in data[2:-4]))
    if len(plain) < 4 or plain[1] != STX:
        return spoilt
    if plain[2] != CALLING_NUMBER:
        return replace(blank, kind="other", number_absent="not sent", name_absent="not sent")
    return told(blank, parameters(plain[4 : 4 + plain[3]]), NTT_NAMES, NTT_TEXTS)


def _unstuffed(data: bytes) -> bytes:
    """Without the DLE before a control character and without the second of two."""
    made = bytearray()
    at = 0
    while at < len(data):
        if data[at] == DLE and at + 1 < len(data):
            at += 1
        made.append(data[at])
        at += 1
    return bytes(made)
