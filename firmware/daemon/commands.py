"""The recorder's answers on the control socket."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from firmware.archive.keeper import Trouble
from firmware.control import Message
from firmware.events import FlagPressed, PrivatePressed
from firmware.learning.desk import LineDesk
from firmware.line_out import LineOut
from firmware.recorder import Recorder

OTHERS_ALARMS = ("evidence", "evidence-replaced")
LONGEST_REASON = 1000


class Chosen:
    """In the inbox: the owner chose something on the page."""


class Commands:
    """Runs on the socket's thread: it reads the recorder, and has it changed through `put`."""

    def __init__(
        self,
        recorder: Recorder,
        line: LineDesk,
        line_out: LineOut,
        rate: int,
        put: Callable[[Any], None],
        clock: Callable[[], float],
    ) -> None:
        self._recorder = recorder
        self._line = line
        self._line_out = line_out
        self._rate = rate
        self._put = put
        self._clock = clock

    def answer(self, message: Message) -> Message:
        """The reply to one command; `ok` says whether it is or will be done."""
        now = self._clock()
        match message.get("do"):
            case "state":
                return self._recorder.state(now) | self._line.facts()
            case "wizard":
                return self._line.command(message)
            case "flag":
                self._put(FlagPressed(now))
                return {"ok": True}
            case "private":
                self._put(PrivatePressed(now))
                return {"ok": True}
            case "listen":
                if self._recorder.listenable:
                    return {"ok": True, "rate": self._rate}
                return {"ok": False, "error": "no call that may be listened to is running"}
            case "settings":
                self._put(Chosen())
                return {"ok": True}
            case "alarm":
                return self._other_alarm(message)
            case "announce":
                return self._line_out.ask(now)
            case other:
                return {"ok": False, "error": f"unknown command {other!r}"}

    def _other_alarm(self, message: Message) -> Message:
        """What another process of the box has found; an empty reason says that it is over."""
        kind, why = message.get("kind"), message.get("why")
        if kind not in OTHERS_ALARMS or not isinstance(why, str):
            return {"ok": False, "error": "expected an alarm of " + ", ".join(OTHERS_ALARMS)}
        self._put(Trouble(kind, why[:LONGEST_REASON]))
        return {"ok": True}
