"""The recorder: periods and events go in, in order; calls are left in the archive.

`Recorder` is one thread's work and reads no clock, so the simulator drives the very same code on
a virtual clock. `firmware.daemon` gives it threads, a sound card and pins.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from firmware.alarms import Alarms
from firmware.archive import Archive
from firmware.archive.errors import ArchiveError
from firmware.archive.keeper import LAST_S, Keeper, Trouble
from firmware.audio.frames import Gap, Period
from firmware.audio.playout import Played
from firmware.call_audio import CallAudio
from firmware.call_record import CallRecords
from firmware.calls.decisions import (
    ClearAlarm,
    Decision,
    EraseRecording,
    Finished,
    FlagLast,
    FlagRunning,
    Missed,
    RaiseAlarm,
    StartRecording,
    StateChanged,
    StopRecording,
)
from firmware.calls.machine import CallMachine, CallSettings
from firmware.clock import NOT_BELIEVED, Belief
from firmware.config import Config
from firmware.consent_desk import ConsentDesk
from firmware.consent_terms import Terms
from firmware.consent_watch import ConsentWatch
from firmware.events import FlagPressed, Heard, LineEvent
from firmware.findings import Findings
from firmware.hearing import Hearing
from firmware.running_call import RunningCall

ALARMS = {
    "off-hook-too-long": "A telephone has been off the hook for very long. It is recorded up to the"
    " configured limit; nobody can call you until it is hung up.",
    "line-cut": "There is no voltage on the line: it is cut or unplugged. No call can come.",
}

RESUME_S = 1.0  # a line that is off-hook so soon after the start was so before it
RESUME_WAIT_S = 3.0  # voice shows within that time whether the broken-off call goes on
NO_PLAYOUT = "play-out"

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
        keeper: Keeper | None = None,
        boot_id: str = "",
        belief: Callable[[], Belief] = lambda: NOT_BELIEVED,
        hook: Publish = ignore,
        consent: ConsentDesk | None = None,
    ) -> None:
        self._keeper = keeper or Keeper(archive)
        self._deaf_since: float | None = None
        self._rate = rate
        self._publish = publish
        self._desk = consent
        self._consent = ConsentWatch(consent)
        self._running = RunningCall(
            CallAudio(config.audio, self._keeper, rate),
            CallRecords(config.line, rate, boot_id, wall, belief),
            *(self._consent, self._keeper, publish),
        )
        self._hearing = Hearing(rate, config.line.country)
        calls = config.calls
        self.machine = CallMachine(
            CallSettings(
                ring_timeout_s=calls.ring_timeout_s,
                off_hook_alarm_s=calls.off_hook_alarm_s,
                off_hook_limit_s=calls.off_hook_limit_s,
                hook_seen=config.line.hook != "vox",
            )
        )
        self._last_id: str | None = None
        self._flag_pressed: float | None = None
        self._first_time: float | None = None
        self._awaited: StartRecording | None = None
        alarms = Alarms(config.alarms, publish, hook)
        self._found = Findings(self._keeper, alarms, publish, wall, belief, config.line.id, boot_id)
        self.hook = config.line.hook

    def reconfigure(self, config: Config) -> None:
        """The owner chose anew: the alarms follow at once, the rest with the next call or start."""
        self._found.switch(config.alarms)

    def watch_by(self, hook: str) -> None:
        """From now on calls are found by the hook ("gpio") or by voice ("vox")."""
        self.hook = hook
        self.machine.hook_seen = hook != "vox"

    def on_audio(self, item: Period | Gap) -> None:
        """Take the next period or gap of the stream."""
        self._running.take(item)
        self._found.now = item.time
        if isinstance(item, Gap):
            if "card" in item.reason:
                self._found.went_blind("no-card", item.time, item.count / self._rate)
        elif self._awaited is not None:
            awaited, self._awaited = self._awaited, None
            self._start(awaited)
        for heard in self._hearing.feed(item):
            self._happen(heard)
        if isinstance(item, Period):
            self.tick(item.time + len(item.samples) / self._rate)

    def on_line(self, event: LineEvent) -> None:
        """Take something the line interface saw."""
        if isinstance(event, FlagPressed):
            self._flag_pressed = event.time
        self._happen(event)

    def _happen(self, event: LineEvent | Heard) -> None:
        """A sound into the line comes first: it has 300 ms. A code that was dialled does what the
        button does, and is no press of the button: that proves who owns the box."""
        codes = self._consent.take(event, self.machine.call)
        for one in (event, *codes):
            self._act(self.machine.handle(one))
        self._look(event.time)

    def _look(self, now: float) -> None:
        """What became known of the call may be that nothing is kept of it."""
        self._safely(lambda: self._running.look(self.machine.call, now))

    def deadline(self) -> float | None:
        """When `tick` is wanted, in monotonic seconds; None while nothing is awaited."""
        due = (self.machine.deadline(), self._consent.deadline())
        return min((time for time in due if time is not None), default=None)

    def tick(self, now: float) -> None:
        """Let time pass: `now` in monotonic seconds."""
        self._safely(lambda: self._running.save_now_and_then(self.machine.call, now))
        deadline = self.machine.deadline()
        if deadline is not None and now >= deadline:
            self._act(self.machine.tick(now))
        self._consent.tick(now)
        self._look(now)
        self._attend(now)

    def _attend(self, now: float) -> None:
        """Hear what became of the calls."""
        self._found.attend(now)
        if self._first_time is None:
            self._first_time = now
        broken_off = self._keeper.broken_off
        since = max(self._first_time, broken_off.watched_since)
        if broken_off and self._awaited is None and now - since > self._resume_window:
            self._keeper.give_up_resuming()

    @property
    def _resume_window(self) -> float:
        return RESUME_WAIT_S if self.hook == "vox" else RESUME_S

    def deaf(self, since: float | None) -> None:
        """There is no sound since that monotonic time; None: there is again."""
        self._deaf_since = since

    def shutdown(self, now: float) -> None:
        """Close a running call as unfinished, and wait until it is on a medium."""
        self._running.stopping = True
        self._act(self.machine.shutdown(now))
        self._found.now = now
        if self._deaf_since is not None:
            self._found.went_blind("no-card", self._deaf_since, now - self._deaf_since)
        self._found.hear_keeper(self._keeper.give_up_waiting())
        self._found.hear_keeper(self._keeper.stop(LAST_S))

    @property
    def refused(self) -> str:
        """Why there is no audio of the running call; empty where there is, or may be."""
        return self._consent.refused

    @property
    def listenable(self) -> bool:
        """Whether a call is being recorded that is not private."""
        call = self.machine.call
        return self._running.recorded and not (call and call.private)

    def state(self, now: float) -> dict[str, Any]:
        """What the page shows: the line's state, the running call, the alarms."""
        call = self.machine.call
        return {
            "ok": True,
            "state": self.machine.state,
            "number": call.number if call else None,
            "alarms": dict(self.alarms),
            "hook": self.hook,
            "recording": self._running.recorded,
            "refused": self._consent.refused,
            "announce": "no-card" if self._desk is None else self._desk.why_not(now),
            "private": bool(call and call.private),
            "since_s": None if call is None else round(now - call.started, 1),
            "running_s": None if self._first_time is None else round(now - self._first_time, 1),
            "flag_pressed_ago_s": None if self._flag_pressed is None else now - self._flag_pressed,
        }

    def _act(self, decisions: list[Decision]) -> None:
        for decision in decisions:
            self._safely(partial(self._carry_out, decision))

    def _safely(self, work: Callable[[], None]) -> None:
        """What the archive refuses is an alarm; the recorder goes on."""
        try:
            work()
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
                self._running.erase(self.machine.call)
            case Finished(call=call) | Missed(call=call):
                self._awaited = None
                self._last_id = self._running.finish(call, self._found.now)
                self._found.hear_keeper(self._keeper.poll())
            case FlagRunning():
                self._running.save(self.machine.call)
                self._publish({"event": "marked"})
            case FlagLast():
                if self._last_id is not None:
                    self._keeper.flag(self._last_id)
                    self._publish({"event": "flagged", "id": self._last_id})
            case RaiseAlarm(kind=kind):
                self.raise_alarm(kind, ALARMS.get(kind, kind))
            case ClearAlarm(kind=kind):
                self.clear_alarm(kind)

    @property
    def alarms(self) -> dict[str, str]:
        """The alarms that stand: kind and words."""
        return self._found.alarms

    def raise_alarm(self, kind: str, why: str) -> None:
        """Tell the owner, until it is cleared; `why` says what it means for the recordings."""
        self._found.raise_alarm(kind, why)

    def clear_alarm(self, kind: str) -> None:
        """That is over."""
        self._found.clear_alarm(kind)

    def hear(self, trouble: Trouble) -> None:
        """Something that was looked at beside: an alarm, or its end."""
        self._found.hear(trouble)

    def played(self, done: Played) -> None:
        """A sound into the line is over, or was not played."""
        if self._desk is not None:
            self._desk.played(done)
        self.hear(Trouble(NO_PLAYOUT, done.error))

    def renew(self, terms: Terms) -> None:
        """Other terms of consent hold from now on."""
        if self._desk is not None:
            self._desk.renew(terms)
            self._consent.asked_anew(self.machine.call, self._found.now)
            self._look(self._found.now)

    def announce_now(self, now: float) -> str:
        """The owner asks for the announcement; why it cannot be played, or ""."""
        return "no-card" if self._desk is None else self._desk.announce_now(now)

    def _start(self, decision: StartRecording) -> None:
        if (call := self.machine.call) is None:
            return
        if not self._running.flows:
            self._awaited = decision  # off-hook when the recorder started: the sound comes now
            return
        if not self._running.begin(call, decision.time, self._resume_window):
            self._publish({"event": "marked"})
