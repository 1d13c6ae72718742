"""The keypad of ITU-T Q.23: a key is one of four rows and one of four columns, sounded together."""

from __future__ import annotations

ROWS_HZ = (697.0, 770.0, 852.0, 941.0)
COLUMNS_HZ = (1209.0, 1336.0, 1477.0, 1633.0)
KEYS = "123A456B789C*0#D"  # key 4 * row + column


def tones_of(key: int) -> tuple[float, float]:
    """Row and column frequency in Hz of the key with this place in `KEYS`."""
    return ROWS_HZ[key // 4], COLUMNS_HZ[key % 4]
