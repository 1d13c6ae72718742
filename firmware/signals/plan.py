"""Tone plans: which frequencies in which cadence mean what, in one country.

A plan is data (see `firmware/signals/plans`); here it is checked and given its types. Nothing here
reads a file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NAMES = ("dial", "busy", "ringback", "reorder", "sit", "cng", "ced")
TOLERANCE_HZ = 16.0  # E.180 allows 425 +-15 Hz
TOLERANCE = 0.10
TOLERANCE_ONCE = 0.25  # the North American SIT holds its steps for 0.276 or 0.380 s
EDGES_S = 0.025  # what the decoder may be wrong about a beginning and an end


class PlanError(Exception):
    """A tone plan that does not say what it must; the message names the tone and the key."""


@dataclass(frozen=True, slots=True)
class Step:
    """`hertz` together for `on` seconds (infinite: without an end), then `off` seconds of pause."""

    hertz: tuple[float, ...]
    on: float = math.inf
    off: float = 0.0


@dataclass(frozen=True, slots=True)
class PlanTone:
    """One tone: its steps repeat; `once`: a single run of them is the whole tone."""

    name: str
    plan: str
    steps: tuple[Step, ...]
    tolerance_hz: float = TOLERANCE_HZ
    once: bool = False

    @property
    def continuous(self) -> bool:
        """Whether it sounds without a pause."""
        return math.isinf(self.steps[0].on)

    @property
    def cycle(self) -> float:
        """Seconds of one run of all steps."""
        return sum(step.on + step.off for step in self.steps)

    def off_pitch(self, heard: tuple[float, ...], step: Step) -> float | None:
        """How far off the frequencies are, as a share of what is allowed; None: too far."""
        if len(heard) != len(step.hertz):
            return None
        pairs = zip(heard, step.hertz, strict=True)
        worst = max(abs(a - b) for a, b in pairs) / self.tolerance_hz
        return worst if worst <= 1.0 else None

    def off_time(self, heard_s: float, nominal_s: float) -> float | None:
        """How far off a duration is, as a share of what is allowed; None: too far."""
        allowed = (TOLERANCE_ONCE if self.once else TOLERANCE) * nominal_s + EDGES_S
        worst = abs(heard_s - nominal_s) / allowed
        return worst if worst <= 1.0 else None


@dataclass(frozen=True, slots=True)
class TonePlan:
    """The tones of one country; `source` says where the figures were read."""

    country: str
    name: str
    source: str
    tones: tuple[PlanTone, ...]


def plan_of(data: Mapping[str, Any]) -> TonePlan:
    """The plan that a TOML file's tables describe. Raises PlanError."""
    for key in ("country", "name", "source"):
        if not isinstance(data.get(key), str) or not data[key]:
            raise PlanError(f"{key}: expected text")
    tables = data.get("tone")
    if not isinstance(tables, list) or not tables:
        raise PlanError("expected one or more [[tone]] tables")
    country = data["country"]
    return TonePlan(
        country, data["name"], data["source"], tuple(_tone(country, table) for table in tables)
    )


def _tone(country: str, table: Mapping[str, Any]) -> PlanTone:
    name = table.get("name")
    if name not in NAMES:
        raise PlanError(f"tone {name!r}: expected one of {', '.join(NAMES)}")
    if "steps" in table:
        steps = tuple(_step(name, one["hertz"], one["on"], one["off"]) for one in table["steps"])
    else:
        cadence = table.get("cadence", [math.inf, 0.0])
        if not cadence or len(cadence) % 2:
            raise PlanError(f"{name}: cadence: expected seconds on, off, on, off …")
        pairs = zip(cadence[::2], cadence[1::2], strict=True)
        steps = tuple(_step(name, table.get("hertz"), on, off) for on, off in pairs)
    tolerance = float(table.get("tolerance_hz", TOLERANCE_HZ))
    return PlanTone(name, country, steps, tolerance, bool(table.get("once", False)))


def _step(name: str, hertz: Any, on: Any, off: Any) -> Step:
    good = isinstance(hertz, list) and 1 <= len(hertz) <= 2
    if not good or not all(isinstance(one, int | float) and 300 <= one <= 3400 for one in hertz):
        raise PlanError(f"{name}: hertz: expected one or two numbers from 300 to 3400")
    if not on > 0 or not off >= 0:
        raise PlanError(f"{name}: expected a time on above 0 and a time off of 0 or more")
    return Step(tuple(sorted(float(one) for one in hertz)), float(on), float(off))
