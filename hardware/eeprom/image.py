"""HAT+ EEPROM images: header, vendor atom, overlay-name atom.

The layout is that of Raspberry Pi's HAT+ EEPROM format, as its eeptools read and write it
(github.com/raspberrypi/utils, eeptools): all numbers little-endian; header "R-Pi", version 2,
reserved, atom count, total length; each atom type, index, length with its CRC, data, CRC-16 with
polynomial 0xA001 over all of the atom before it.
"""

from __future__ import annotations

import shlex
import struct
import uuid

SIGNATURE, VERSION = b"R-Pi", 2
VENDOR, OVERLAY = 1, 3


class EepromError(Exception):
    """Settings that cannot be read; says the line and what was expected."""


def crc16(data: bytes) -> int:
    """CRC-16, reflected polynomial 0xA001, from 0."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc


def settings(text: str) -> dict[str, str]:
    """Name -> value of eepmake's text form. Raises EepromError."""
    found = {}
    for place, line in enumerate(text.splitlines(), 1):
        words = shlex.split(line, comments=True)
        if not words:
            continue
        if len(words) != 2:
            raise EepromError(f"line {place}: expected a name and one value, found {line!r}")
        found[words[0]] = words[1]
    for name in ("product_uuid", "product_id", "product_ver", "vendor", "product", "dt_blob"):
        if name not in found:
            raise EepromError(f"{name} is missing")
    for name in ("vendor", "product"):
        if len(found[name].encode()) > 255:
            raise EepromError(f"{name}: expected at most 255 bytes")
    return found


def image(text: str) -> bytes:
    """The bytes of the EEPROM for settings in eepmake's text form. Raises EepromError."""
    found = settings(text)
    vendor, product = found["vendor"].encode(), found["product"].encode()
    try:
        identity = uuid.UUID(found["product_uuid"]).bytes[::-1]
        numbers = [int(found[name], 0) for name in ("product_id", "product_ver")]
    except ValueError as error:
        raise EepromError(f"a UUID and two numbers were expected: {error}") from error
    first = identity + struct.pack("<HHBB", *numbers, len(vendor), len(product)) + vendor + product
    atoms = [_atom(VENDOR, 0, first), _atom(OVERLAY, 1, found["dt_blob"].encode())]
    body = b"".join(atoms)
    return SIGNATURE + struct.pack("<BBHI", VERSION, 0, len(atoms), 12 + len(body)) + body


def _atom(kind: int, index: int, data: bytes) -> bytes:
    whole = struct.pack("<HHI", kind, index, len(data) + 2) + data
    return whole + struct.pack("<H", crc16(whole))
