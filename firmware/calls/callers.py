"""Who calls, by the exchange's messages: what each says goes to its call."""

from __future__ import annotations

from firmware.calls.call import Call
from firmware.events import CallerId


class Early:
    """The message that came before the first ring, until its call begins."""

    def __init__(self) -> None:
        self._message: CallerId | None = None
        self._at = 0.0

    def hold(self, message: CallerId, time: float) -> None:
        """A message on an idle line; a later one takes its place."""
        self._message, self._at = message, time

    def take(self, started: float, within_s: float) -> CallerId | None:
        """The message of a call that starts now, once; None where there was none so lately."""
        message, self._message = self._message, None
        return message if started - self._at < within_s else None


def keep(call: Call, message: CallerId) -> None:
    """All that a message says, with the call it came with."""
    call.caller_ids.append(
        {
            "standard": message.standard,
            "kind": message.kind,
            "when": message.when,
            "parameters": [list(pair) for pair in message.parameters],
            "raw": message.raw_hex,
        }
    )


def identify(call: Call, message: CallerId) -> None:
    """The message names the other side of the call."""
    keep(call, message)
    if call.number is not None and message.number_absent == "not decoded":
        return  # sent again and spoilt: what was read before still holds
    call.caller_id_raw = message.raw_hex
    call.number, call.name = message.number, message.name
    call.number_absent, call.name_absent = message.number_absent, message.name_absent


def wait_in_line(call: Call, message: CallerId, time: float) -> None:
    """Somebody else calls meanwhile: call waiting."""
    who: dict[str, object] = {"number": message.number, "name": message.name}
    call.waiting.append({**who, "offset": call.offset(time)})
