"""What the router is told: the rules of a region, and the pads in it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rules:
    """Millimetres. `region`: left, top, right, low, inside which copper may lie."""

    track: float
    clearance: float
    via: float
    region: tuple[float, float, float, float]
    pitch: float = 0.1


@dataclass(frozen=True, slots=True)
class Terminal:
    """A pad: its box in millimetres and the layers (0 top, 1 bottom) on which it can be met."""

    net: str
    box: tuple[float, float, float, float]
    layers: tuple[int, ...]
