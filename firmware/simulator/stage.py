"""The stage on which a scenario is played: a line, a clock hand, sounds and pin edges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firmware.simulator.generators.line import click

PINS = ("offhook", "ring", "polarity", "line_ok", "flag")


@dataclass(frozen=True, slots=True)
class PinEdge:
    """An input of the line interface changes; `time` in seconds from the start, logical level."""

    time: float
    pin: str
    active: bool


@dataclass(slots=True)
class _Placed:
    first: int
    sound: NDArray[np.floating]
    of_call: bool


class Stage:
    """Collects what happens; `now` is the time of the next step in seconds from the start."""

    def __init__(self, rate: int, start: float) -> None:
        self.rate = rate
        self.now = start
        self.background_until = start
        self.last_ring_end: float | None = None
        self.unanswered = False
        self._placed: list[_Placed] = []
        self._edges: list[PinEdge] = []
        self._level = dict.fromkeys(PINS, False)
        self._lifted = False
        self._whole = True
        self.set_pin("line_ok", True, 0.0)

    def set_pin(self, pin: str, active: bool, time: float) -> None:
        """An edge, where the level changes at all."""
        if self._level[pin] != active:
            self._level[pin] = active
            self._edges.append(PinEdge(time, pin, active))

    def toggle(self, pin: str, time: float) -> None:
        """The other level."""
        self.set_pin(pin, not self._level[pin], time)

    def loop(self, time: float, *, lifted: bool | None = None, whole: bool | None = None) -> None:
        """The handset or the pair changes; loop current needs both."""
        self._lifted = self._lifted if lifted is None else lifted
        self._whole = self._whole if whole is None else whole
        self.set_pin("line_ok", self._whole, time)
        self.contact(self._lifted and self._whole, time)

    def contact(self, closed: bool, time: float) -> None:
        """The loop opens or closes, with its click."""
        if self._level["offhook"] != closed:
            self.set_pin("offhook", closed, time)
            self.place(click(self.rate, rising=closed), time)

    def place(self, sound: NDArray[np.floating], time: float, of_call: bool = False) -> float:
        """Put a sound, (n,) samples, on the line; gives the time of its end."""
        first = round(time * self.rate)
        self._placed.append(_Placed(first, sound, of_call))
        return (first + len(sound)) / self.rate

    def hush(self, time: float) -> None:
        """Everything that belongs to the call ends now."""
        end = round(time * self.rate)
        for item in self._placed:
            if item.of_call and item.first + len(item.sound) > end:
                item.sound = item.sound[: max(0, end - item.first)]
        self.background_until = min(self.background_until, time)

    def end(self) -> float:
        """When the last sound and the last edge are over."""
        ends = [(item.first + len(item.sound)) / self.rate for item in self._placed]
        return max([self.now, *ends, *(edge.time for edge in self._edges)])

    def mixed(self, count: int) -> NDArray[np.float32]:
        """All sounds together, (count,) samples."""
        mix = np.zeros(count, np.float32)
        for item in self._placed:
            end = min(item.first + len(item.sound), count)
            if end > item.first:
                mix[item.first : end] += item.sound[: end - item.first]
        return mix

    def edges(self) -> list[PinEdge]:
        """All edges in the order of their times; those at one time in the order they were made."""
        return sorted(self._edges, key=lambda edge: edge.time)
