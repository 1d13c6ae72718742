"""What the lamps show of the running call and of the recorder's alarms."""

from __future__ import annotations

from collections.abc import Callable

from firmware.control import Message
from firmware.recorder import Recorder

LAMP_OF_STATE = {"idle": "idle", "ringing": "ringing", "incall": "recording"}


class CallLamp:
    """`light` takes a state of `firmware.line.lamps`, and whether there is a fault."""

    def __init__(self, recorder: Recorder, light: Callable[[str, bool], None]) -> None:
        self._recorder = recorder
        self._light = light
        self._flagged = False

    def told(self, message: Message) -> None:
        """The recorder tells that: a call that was flagged after its end is shown until the next
        change of the line."""
        if message.get("event") == "flagged":
            self._flagged = True
        elif message.get("event") == "state":
            self._flagged = False
        self.show()

    def show(self) -> None:
        """The lamps for what the recorder does now."""
        self._light(self._shown(), bool(self._recorder.alarms))

    def _shown(self) -> str:
        machine = self._recorder.machine
        call = machine.call
        shown = LAMP_OF_STATE.get(machine.state, "fault")
        if shown == "recording" and call is not None and call.private:
            return "private"
        if shown == "recording" and self._recorder.refused:
            return "idle"
        if self._flagged or (shown == "recording" and call is not None and call.flags):
            return "flagged"
        return shown
