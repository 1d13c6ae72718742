"""Blind time: every interval in which the box could not record is an entry among the calls.

A small file is written anew now and then while the recorder runs; what it says at the next start
tells when the recorder was last alive, and how it ended.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from firmware.clock import FLOOR

ALIVE = "alive.json"
EVERY_S = 60.0  # oftener would wear the card for a better beginning of an entry
SHORTEST_S = 1.0
WORDS = {
    "off": "The box was without power or switched off.",
    "stopped": "The recorder was stopped.",
    "crashed": "The recorder had a fault and was started anew.",
    "no-card": "There was no sound card.",
    "no-space": "No medium could store what was said.",
}


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign of life: at one instant the boot id, the wall clock, the monotonic clock.

    `ended`: the recorder was stopped in order.
    """

    boot_id: str
    wall: float
    monotonic: float
    ended: bool = False

    def write(self, folder: Path) -> None:
        """Leave it. Raises OSError. It is not synced: that would wear the medium for little."""
        data = json.dumps(
            {
                "boot_id": self.boot_id,
                "wall": self.wall,
                "monotonic": self.monotonic,
                "ended": self.ended,
            }
        )
        temporary = folder / (ALIVE + ".tmp")
        temporary.write_text(data, "ascii")
        temporary.replace(folder / ALIVE)


def read_sign(folder: Path) -> Sign | None:
    """The last sign of life; None where there is none, or it is torn."""
    try:
        found = json.loads((folder / ALIVE).read_text("ascii"))
        return Sign(
            str(found["boot_id"]),
            float(found["wall"]),
            float(found["monotonic"]),
            found["ended"] is True,
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def since(last: Sign, now: Sign) -> dict[str, Any] | None:
    """The blind entry between two runs of the recorder; None where it is too short to tell.

    `duration_s` is None where no clock can tell it.
    """
    duration: float | None
    if last.boot_id and last.boot_id == now.boot_id:
        duration = now.monotonic - last.monotonic
        cause = "stopped" if last.ended else "crashed"
    else:
        told = now.wall - last.wall
        sure = min(now.wall, last.wall) >= FLOOR.timestamp()
        duration = told if sure and told >= 0 else None
        cause = "off"
    if duration is not None and duration < SHORTEST_S:
        return None
    return entry(cause, last.wall, duration)


def entry(cause: str, wall: float, duration_s: float | None, **facts: Any) -> dict[str, Any]:
    """A row among the calls; `wall`: when the box went blind, Unix seconds."""
    return {
        "kind": "blind",
        "cause": cause,
        "why": WORDS[cause],
        "direction": "none",
        "outcome": "blind",
        "answered": False,
        "started_at": datetime.fromtimestamp(max(0.0, wall), UTC).isoformat(
            timespec="milliseconds"
        ),
        "duration_s": None if duration_s is None else round(duration_s, 3),
        **facts,
    }


def continues(before: dict[str, Any], after: dict[str, Any], slack_s: float) -> float | None:
    """The length of both together, where `after` goes on with what `before` tells; else None: so it
    is, too, where `after` began earlier and was only told later."""
    if before.get("kind") != "blind" or before.get("cause") != after.get("cause"):
        return None
    lengths = (before.get("duration_s"), after.get("duration_s"))
    if not all(isinstance(one, int | float) for one in lengths):
        return None
    begun = datetime.fromisoformat(before["started_at"]).timestamp()
    goes_on = datetime.fromisoformat(after["started_at"]).timestamp()
    end = begun + float(lengths[0] or 0)
    if goes_on < begun or not -slack_s <= goes_on - end <= slack_s:
        return None
    return round(max(end, goes_on + float(lengths[1] or 0)) - begun, 3)
