"""The record of a call, as its sidecar keeps it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from firmware import __version__
from firmware.calls.call import Call, Direction
from firmware.calls.number import normalised
from firmware.calls.witness import clock_difference
from firmware.clock import Belief, start_facts
from firmware.config import LineConfig

CONTINUED = (
    *("number", "name", "number_absent", "name_absent", "caller_id_raw", "caller_ids", "dialled"),
    *("rings", "hook_events", "flags", "tones", "waiting"),
)


class CallRecords:
    """Makes records; `wall` gives the wall clock (Unix seconds), `belief` how far it is right."""

    def __init__(
        self,
        line: LineConfig,
        rate: int,
        boot_id: str,
        wall: Callable[[], float],
        belief: Callable[[], Belief],
    ) -> None:
        self._line = line
        self._rate = rate
        self._boot_id = boot_id
        self._wall = wall
        self._belief = belief

    def of(self, call: Call, now: float | None, preroll_s: float) -> dict[str, Any]:
        """The call by now. `now`: the monotonic time of the sound, None where none has come yet."""
        record: dict[str, Any] = {
            name: value for name, value in asdict(call).items() if name not in ("started", "ended")
        }
        begun = call.off_hook if call.off_hook is not None else call.started
        ended = call.ended if call.ended is not None else begun
        now = begun if now is None else now
        record.update(
            kind="call",
            line=self._line.id,
            direction=str(call.direction),
            outcome=str(call.outcome),
            started_monotonic=call.started,
            duration_s=round(ended - begun, 3) if call.off_hook is not None else 0.0,
            private=call.private,
            flagged=bool(call.flags),
            rate=self._rate,
            preroll_s=preroll_s if call.off_hook is not None else 0.0,
            firmware=__version__,
        )
        record["off_hook_monotonic"] = record.pop("off_hook", None)
        record["boot_id"] = self._boot_id
        wall = self._wall()
        begun_at = datetime.fromtimestamp(max(0.0, wall - (now - call.started)))
        for message in record["caller_ids"]:
            message["clock_difference_min"] = clock_difference(message["when"], begun_at)
        if call.ended is not None:  # at the start of a recording there is no time for it
            record["number_e164"] = normalised(call.number, self._line.country)
        return record | start_facts(record, wall, now, self._belief())


def continue_call(call: Call, record: dict[str, Any]) -> None:
    """The line was off-hook when the recorder was started anew: the broken-off call goes on."""
    for name in CONTINUED:
        if name in record:
            setattr(call, name, record[name])
    if record.get("direction") in tuple(Direction):
        call.direction = Direction(record["direction"])
    call.started = float(record["started_monotonic"])
    call.off_hook = float(record.get("off_hook_monotonic") or call.started)
