"""The recorder: periods and events go in, in order; calls are left in the archive.

`Recorder` is one thread's work and reads no clock, so the simulator drives the very same code on
a virtual clock. `firmware.daemon` gives it threads, a sound card and pins.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from firmware import __version__
from firmware.archive import Archive, OpenRecording
from firmware.archive.errors import ArchiveError
from firmware.audio.frames import Gap, Period
from firmware.audio.ring import PreRollRing
from firmware.calls.call import Call
from firmware.calls.decisions import (
    ClearAlarm,
    Decision,
    EraseRecording,
    Finished,
    FlagLast,
    Missed,
    RaiseAlarm,
    StartRecording,
    StateChanged,
    StopRecording,
)
from firmware.calls.machine import CallMachine, CallSettings
from firmware.config import Config
from firmware.events import FlagPressed, Heard, LineEvent, Signal
from firmware.signals.bank import DecoderBank

ALARMS = {
    "off-hook-too-long": "A telephone has been off the hook for very long. It is recorded up to the"
    " configured limit; nobody can call you until it is hung up.",
    "line-cut": "There is no voltage on the line: it is cut or unplugged. No call can come.",
}

Publish = Callable[[dict[str, Any]], None]


def ignore(_message: dict[str, Any]) -> None:
    """Nobody listens."""


class Recorder:
    """Brings the parts together; `wall` gives the wall clock (Unix seconds) for start times."""

    def __init__(
        self,
        config: Config,
        archive: Archive,
        rate: int,
        publish: Publish = ignore,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._config = config
        self._archive = archive
        self._rate = rate
        self._publish = publish
        self._wall = wall
        self._ring = PreRollRing(max(config.audio.preroll_held_s, config.audio.preroll_s), rate)
        self._bank = DecoderBank(rate)
        calls = config.calls
        self.machine = CallMachine(
            CallSettings(
                ring_timeout_s=calls.ring_timeout_s,
                off_hook_alarm_s=calls.off_hook_alarm_s,
                off_hook_limit_s=calls.off_hook_limit_s,
            )
        )
        self._open: OpenRecording | None = None
        self._next_sample = 0
        self._preroll_s = 0.0
        self._anchor = (0, 0.0)
        self._last_id: str | None = None
        self._flag_pressed: float | None = None
        self.alarms: dict[str, str] = {}

    def on_audio(self, item: Period | Gap) -> None:
        """Take the next period or gap of the stream."""
        self._ring.append(item)
        if isinstance(item, Gap):
            self._next_sample = item.first + item.count
            self._write(item)
            self._hear(np.zeros(item.count, np.float32), item.first, item.time)
            return
        self._next_sample = item.first + len(item.samples)
        self._write(item)
        self._hear(item.samples.astype(np.float32) / 32768.0, item.first, item.time)
        self.tick(item.time + len(item.samples) / self._rate)

    def _hear(self, samples: np.ndarray[Any, np.dtype[np.float32]], first: int, at: float) -> None:
        self._anchor = (first, at)
        for signal in self._bank.feed(samples):
            self._act(self.machine.handle(Heard(self._time_of(signal), signal)))

    def _time_of(self, signal: Signal) -> float:
        first, at = self._anchor
        return at + (signal.start - first) / self._rate

    def on_line(self, event: LineEvent) -> None:
        """Take something the line interface saw."""
        if isinstance(event, FlagPressed):
            self._flag_pressed = event.time
        self._act(self.machine.handle(event))

    def tick(self, now: float) -> None:
        """Let time pass: `now` in monotonic seconds."""
        deadline = self.machine.deadline()
        if deadline is not None and now >= deadline:
            self._act(self.machine.tick(now))

    def shutdown(self, now: float) -> None:
        """Close a running call as unfinished."""
        self._act(self.machine.shutdown(now))

    @property
    def listenable(self) -> bool:
        """Whether a call is being recorded that is not private."""
        call = self.machine.call
        return self._open is not None and not (call and call.private)

    def state(self, now: float) -> dict[str, Any]:
        """What the page shows: the line's state, the running call, the alarms."""
        call = self.machine.call
        return {
            "ok": True,
            "state": self.machine.state,
            "number": call.number if call else None,
            "alarms": dict(self.alarms),
            "hook": self._config.line.hook,
            "recording": self._open is not None,
            "private": bool(call and call.private),
            "since_s": None if call is None else round(now - call.started, 1),
            "flag_pressed_ago_s": None if self._flag_pressed is None else now - self._flag_pressed,
        }

    def _act(self, decisions: list[Decision]) -> None:
        for decision in decisions:
            try:
                self._carry_out(decision)
            except ArchiveError as error:
                self.raise_alarm("archive", str(error))

    def _carry_out(self, decision: Decision) -> None:
        match decision:
            case StartRecording():
                self._start(decision)
            case StateChanged(state=state):
                self._publish({"event": "state", "state": state})
            case StopRecording():
                self._publish({"event": "recording-over"})
            case EraseRecording():
                self._erase()
            case Finished(call=call):
                self._finish(call)
            case Missed(call=call):
                self._last_id = self._archive.add_row(self._record(call))["id"]
                self._publish({"event": "call", "id": self._last_id})
            case FlagLast():
                if self._last_id is not None:
                    self._archive.flag(self._last_id, True)
                    self._publish({"event": "flagged", "id": self._last_id})
            case RaiseAlarm(kind=kind):
                self.raise_alarm(kind, ALARMS.get(kind, kind))
            case ClearAlarm(kind=kind):
                self.clear_alarm(kind)

    def raise_alarm(self, kind: str, why: str) -> None:
        """Tell the owner, until it is cleared; `why` says what it means for the recordings."""
        if self.alarms.get(kind) != why:
            self.alarms = {**self.alarms, kind: why}
            self._publish({"event": "alarm", "kind": kind, "why": why})

    def clear_alarm(self, kind: str) -> None:
        """That is over."""
        if kind in self.alarms:
            self.alarms = {name: why for name, why in self.alarms.items() if name != kind}
            self._publish({"event": "alarm-over", "kind": kind})

    def _start(self, decision: StartRecording) -> None:
        call = self.machine.call
        if call is None:
            return
        first_held, at = self._anchor
        off_hook = first_held + round((decision.time - at) * self._rate)
        first = max(0, off_hook - round(self._config.audio.preroll_s * self._rate))
        held = self._ring.since(first)
        self._preroll_s = round((off_hook - held[0].first) / self._rate, 3) if held else 0.0
        self._open = self._archive.begin(self._record(call))
        for item in held:
            self._write(item)

    def _write(self, item: Period | Gap) -> None:
        if self._open is None:
            return
        try:
            if isinstance(item, Gap):
                self._open.writer.gap(item.first, item.count, item.reason)
            else:
                self._open.writer.write(item.first, item.samples)
        except (ArchiveError, OSError) as error:
            self.raise_alarm("archive", f"The running call is not being stored: {error}")

    def _erase(self) -> None:
        if self._open is not None:
            self._archive.erase(self._open)
            self._open = None

    def _finish(self, call: Call) -> None:
        record = self._record(call)
        if self._open is None:
            self._last_id = self._archive.add_row(record)["id"]
        else:
            held, self._open = self._open, None
            self._last_id = self._archive.finish(held, record)["id"]
        self._publish({"event": "call", "id": self._last_id})

    def _record(self, call: Call) -> dict[str, Any]:
        """The call as the sidecar keeps it."""
        record: dict[str, Any] = {
            name: value for name, value in asdict(call).items() if name not in ("started", "ended")
        }
        begun = call.off_hook if call.off_hook is not None else call.started
        ended = call.ended if call.ended is not None else begun
        first, at = self._anchor
        now = at + (self._next_sample - first) / self._rate
        wall = datetime.fromtimestamp(self._wall(), UTC) - timedelta(seconds=now - call.started)
        record.update(
            kind="call",
            line=self._config.line.id,
            direction=str(call.direction),
            outcome=str(call.outcome),
            started_at=wall.isoformat(timespec="milliseconds"),
            started_monotonic=call.started,
            duration_s=round(ended - begun, 3) if call.off_hook is not None else 0.0,
            answered=call.off_hook is not None,
            private=call.private,
            flagged=bool(call.flags),
            rate=self._rate,
            preroll_s=self._preroll_s if call.off_hook is not None else 0.0,
            firmware=__version__,
        )
        record.pop("off_hook", None)
        return record
