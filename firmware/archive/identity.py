"""Call ids: UUIDv7 (RFC 9562, section 5.7), so that ids sort by time."""

from __future__ import annotations

import os
import time
import uuid


def uuid7(unix_ms: int | None = None, noise: bytes | None = None) -> str:
    """48 bits of Unix milliseconds, version and variant, 74 random bits (`noise`: 10 bytes)."""
    stamp = time.time_ns() // 1_000_000 if unix_ms is None else unix_ms
    tail = int.from_bytes(os.urandom(10) if noise is None else noise)
    value = (stamp & (1 << 48) - 1) << 80 | tail
    value = value & ~(0xF << 76) | 7 << 76
    value = value & ~(0x3 << 62) | 2 << 62
    return str(uuid.UUID(int=value))
