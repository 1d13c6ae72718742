"""The tones of a call, as its record keeps them: kind, plan, offset and duration in seconds."""

from __future__ import annotations

from firmware.calls.call import Call
from firmware.calls.progress import TALKED_S
from firmware.events import Tone, ToneStarted


def began(call: Call, time: float, signal: ToneStarted) -> None:
    """A tone sounds; how long is told by `over`."""
    entry = {"kind": signal.name, "plan": signal.plan, "offset": call.offset(time)}
    if not _rings_on(call, entry):
        call.tones.append(entry)


def over(call: Call, time: float, until: float, signal: Tone) -> None:
    """A tone sounded from `time` to `until`, whether or not its begin was told."""
    offset, duration = call.offset(time), round(until - time, 3)
    for one in reversed(call.tones):
        if one["kind"] == signal.name and "duration" not in one:
            one["duration"] = round(call.offset(until) - float(str(one["offset"])), 3)
            return
    entry = {"kind": signal.name, "plan": signal.plan, "offset": offset}
    call.tones.append({**entry, "duration": duration})


def _rings_on(call: Call, entry: dict[str, object]) -> bool:
    """Whether a tone is the ringback of a moment ago, which somebody talked over."""
    for one in reversed(call.tones):
        if one["kind"] == "ringback" and entry["kind"] == "ringback" and "duration" in one:
            ended = float(str(one["offset"])) + float(str(one["duration"]))
            if float(str(entry["offset"])) - ended <= TALKED_S:
                del one["duration"]
                return True
    return False
