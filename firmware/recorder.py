"""The recorder: periods and events go in, in order; calls are left in the archive.

`Recorder` is one thread's work and reads no clock, so the simulator drives the very same code on
a virtual clock. `firmware.daemon` gives it threads, a sound card and pins.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Any

import numpy as np

from firmware import __version__
from firmware.alarms import Alarms
from firmware.archive import Archive
from firmware.archive.completeness import judge
from firmware.archive.errors import ArchiveError
from firmware.archive.keeper import Entered, Happened, Keeper, Trouble
from firmware.archive.recording import Recording
from firmware.audio.frames import Gap, Period
from firmware.audio.ring import PreRollRing
from firmware.blind import SHORTEST_S, continues, entry
from firmware.calls.call import Call, Direction
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
from firmware.calls.number import normalised
from firmware.calls.witness import clock_difference
from firmware.clock import NOT_BELIEVED, Belief, correction, start_facts
from firmware.config import Config
from firmware.events import FlagPressed, LineEvent
from firmware.hearing import Hearing

ALARMS = {
    "off-hook-too-long": "A telephone has been off the hook for very long. It is recorded up to the"
    " configured limit; nobody can call you until it is hung up.",
    "line-cut": "There is no voltage on the line: it is cut or unplugged. No call can come.",
}

RESUME_S = 1.0  # a line that is off-hook so soon after the start was so before it
RESUME_WAIT_S = 3.0  # voice shows within that time whether the broken-off call goes on
SAVE_EVERY_S = 1.0
TOGETHER_S = 0.06
RECOVERED = "recovered"
TOLD_S = 86400.0  # what recovery found is told for a day; it stays with the calls themselves
BLIND_SLACK_S = 10.0  # blind again so soon: the same entry
JUDGED = ("silent", "one-sided", "clipped", "frames")
CONTINUED = (
    *("number", "name", "number_absent", "name_absent", "caller_id_raw", "caller_ids", "dialled"),
    *("rings", "hook_events", "flags", "tones", "waiting"),
)

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
    ) -> None:
        self._config = config
        self._keeper = keeper or Keeper(archive)
        self._boot_id = boot_id
        self._belief = belief
        self._believed = NOT_BELIEVED
        self._deaf_since: float | None = None
        self._recovered_at = 0.0
        self._rate = rate
        self._publish = publish
        self._wall = wall
        self._ring = PreRollRing(max(config.audio.preroll_held_s, config.audio.preroll_s), rate)
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
        self._open: Recording | None = None
        self._erased: Recording | None = None
        self._unwritten: list[Period] = []
        self._saved: dict[str, Any] = {}
        self._saved_at = 0.0
        self._next_sample = 0
        self._preroll_s = 0.0
        self._anchor = (0, 0.0)
        self._now = 0.0
        self._last_id: str | None = None
        self._flag_pressed: float | None = None
        self._first_time: float | None = None
        self._awaited: StartRecording | None = None
        self._alarms = Alarms(config.alarms, publish, hook)
        self.hook = config.line.hook

    def reconfigure(self, config: Config) -> None:
        """The owner chose anew: the alarms follow at once, the rest with the next call or start."""
        self._config = config
        self._alarms.switch(config.alarms)

    def watch_by(self, hook: str) -> None:
        """From now on calls are found by the hook ("gpio") or by voice ("vox")."""
        self.hook = hook
        self.machine.hook_seen = hook != "vox"

    def on_audio(self, item: Period | Gap) -> None:
        """Take the next period or gap of the stream."""
        self._ring.append(item)
        self._now = item.time
        self._next_sample = item.end
        if isinstance(item, Gap):
            if "card" in item.reason:
                self.went_blind("no-card", item.time, item.count / self._rate)
            self._write(item)
        elif self._awaited is not None:
            self._anchor = (item.first, item.time)
            awaited, self._awaited = self._awaited, None
            self._start(awaited)
        else:
            self._write(item)
        self._anchor = (item.first, item.time)
        for heard in self._hearing.feed(item):
            self._act(self.machine.handle(heard))
        if isinstance(item, Period):
            self.tick(item.time + len(item.samples) / self._rate)

    def on_line(self, event: LineEvent) -> None:
        """Take something the line interface saw."""
        if isinstance(event, FlagPressed):
            self._flag_pressed = event.time
        self._act(self.machine.handle(event))

    def tick(self, now: float) -> None:
        """Let time pass: `now` in monotonic seconds."""
        if self._open is not None and now - self._saved_at >= SAVE_EVERY_S:
            self._saved_at = now
            self._safely(self._save_running)
        deadline = self.machine.deadline()
        if deadline is not None and now >= deadline:
            self._act(self.machine.tick(now))
        self._attend(now)

    def _attend(self, now: float) -> None:
        """Hear what became of the calls."""
        self._now = now
        self._set_right(now)
        if RECOVERED in self.alarms and now - self._recovered_at > TOLD_S:
            self.clear_alarm(RECOVERED)
        self._hear_keeper(self._keeper.poll())
        if self._first_time is None:
            self._first_time = now
        if self._keeper.resumable and now - self._first_time > RESUME_WAIT_S:
            self._keeper.give_up_resuming()

    def _hear_keeper(self, happened: list[Happened]) -> None:
        for one in happened:
            if isinstance(one, Entered):
                self._publish({"event": "call", "id": one.record["id"]})
                self._judge(one.record)
            else:
                self.hear(one)
        self.hear(Trouble("medium-failing", self._keeper.trouble))
        self.hear(Trouble("medium-slow", self._keeper.slow))

    def _judge(self, record: dict[str, Any]) -> None:
        """What is wrong with a recording is an alarm until one is right again."""
        if not record.get("audio") or record.get("kind") != "call":
            return
        found = {reason.code: reason.words for reason in judge(record)}
        at = str(record["started_at"])[:16].replace("T", " ")
        for code in JUDGED:
            why = f"The call of {at} UTC: {found[code]}" if code in found else ""
            self.hear(Trouble(f"recording-{code}", why))
        for gap in record.get("gaps") or []:
            if "no medium" in gap["reason"]:
                begins = record["started_monotonic"] + gap["offset"] / record["rate"]
                self.went_blind("no-space", begins, gap["count"] / record["rate"])

    def went_blind(self, cause: str, at: float, duration_s: float) -> None:
        """Enter an interval in which nothing could be recorded; `at` in monotonic seconds."""
        if duration_s < SHORTEST_S:
            return
        record = entry(cause, self._wall() - (self._now - at), duration_s)
        record |= {"line": self._config.line.id, "started_monotonic": at}
        record |= {"boot_id": self._boot_id, "clock_source": self._belief().source}
        self._keeper.add_blind(record, partial(continues, slack_s=BLIND_SLACK_S))

    def deaf(self, since: float | None) -> None:
        """There is no sound since that monotonic time; None: there is again."""
        self._deaf_since = since

    def _set_right(self, now: float) -> None:
        """When NTP has set the clock, what it would have said stands beside earlier calls."""
        belief = self._belief()
        if belief.source == "ntp" and self._believed.source != "ntp":
            wall = self._wall()
            self._keeper.correct(lambda call: correction(call, self._boot_id, wall, now, belief))
        self._believed = belief

    def shutdown(self, now: float) -> None:
        """Close a running call as unfinished, and wait until it is on a medium."""
        self._act(self.machine.shutdown(now))
        self._now = now
        if self._deaf_since is not None:
            self.went_blind("no-card", self._deaf_since, now - self._deaf_since)
        self._hear_keeper(self._keeper.stop())

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
            "hook": self.hook,
            "recording": self._open is not None,
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
                self._erase()
            case Finished(call=call):
                self._finish(call)
            case Missed(call=call):
                self._last_id = self._keeper.add_row(self._record(call))
                self._hear_keeper(self._keeper.poll())
            case FlagRunning():
                self._save_running()
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
        return self._alarms.standing

    def raise_alarm(self, kind: str, why: str) -> None:
        """Tell the owner, until it is cleared; `why` says what it means for the recordings."""
        self._alarms.raise_(kind, why)

    def clear_alarm(self, kind: str) -> None:
        """That is over."""
        self._alarms.clear(kind)

    def hear(self, trouble: Trouble) -> None:
        """Something that was looked at beside: an alarm, or its end."""
        if trouble.why:
            self.raise_alarm(trouble.kind, trouble.why)
            if trouble.kind == RECOVERED:
                self._recovered_at = self._now
        else:
            self.clear_alarm(trouble.kind)

    def _start(self, decision: StartRecording) -> None:
        call = self.machine.call
        if call is None:
            return
        if not self._next_sample:
            self._awaited = decision  # off-hook when the recorder started: the sound comes now
            return
        window = RESUME_WAIT_S if self.hook == "vox" else RESUME_S
        broken_off = self._keeper.goes_on(decision.time - window)
        held = self._ring.since(0 if broken_off else self._index_of(decision.time))
        begins = held[0].time if held else decision.time
        record = {**self._record(call), "audio_monotonic": begins}
        resumed = self._keeper.resume(record) if broken_off else None
        if resumed is not None and broken_off is not None:
            _continue(call, broken_off)
            self._open = resumed
            self._preroll_s = float(broken_off.get("preroll_s") or 0.0)
        else:
            self._preroll_s = round(max(0.0, decision.time - begins), 3)
            record["preroll_s"] = self._preroll_s
            self._open = self._keeper.begin(record)
        self._saved, self._saved_at = self._open.record, decision.time
        for item in held:
            self._write(item)

    def _index_of(self, off_hook: float) -> int:
        """The stream index with which a recording begins: the pre-roll before the off-hook."""
        first, at = self._anchor
        begins = off_hook - self._config.audio.preroll_s
        return max(0, first + round((begins - at) * self._rate))

    def _save_running(self) -> None:
        """Put what is known of the running call on the medium, where it has changed."""
        call = self.machine.call
        if self._open is None or call is None:
            return
        record = {**self._open.record, **self._record(call), **self._open.own}
        if record != self._saved:
            self._saved = record
            self._open.note(record)

    def _write(self, item: Period | Gap) -> None:
        """Three periods at a time: the writer's thread is woken a third as often."""
        if self._open is None:
            return
        if isinstance(item, Gap):
            self._flush()
            self._open.gap(item.first, item.count, item.reason)
            return
        if self._unwritten and self._unwritten[-1].end != item.first:
            self._flush()
        self._unwritten.append(item)
        if item.end - self._unwritten[0].first >= TOGETHER_S * self._rate:
            self._flush()

    def _flush(self) -> None:
        held, self._unwritten = self._unwritten, []
        if held and self._open is not None:
            samples = [item.samples for item in held]
            whole = np.concatenate(samples) if len(samples) > 1 else samples[0]
            self._open.write(held[0].first, whole)

    def _erase(self) -> None:
        if self._open is not None and self.machine.call is not None:
            self._erased, self._open = self._open, None
            self._unwritten = []
            self._keeper.erase(self._erased, self._record(self.machine.call))

    def _finish(self, call: Call) -> None:
        self._flush()
        self._awaited = None
        record = self._record(call)
        if self._open is None:
            erased, self._erased = self._erased, None
            self._last_id = self._keeper.add_row(record, erased)
        else:
            held, self._open = self._open, None
            self._last_id = held.id
            self._keeper.finish(held, record)
        self._hear_keeper(self._keeper.poll())

    def _record(self, call: Call) -> dict[str, Any]:
        """The call as the sidecar keeps it."""
        record: dict[str, Any] = {
            name: value for name, value in asdict(call).items() if name not in ("started", "ended")
        }
        begun = call.off_hook if call.off_hook is not None else call.started
        ended = call.ended if call.ended is not None else begun
        first, at = self._anchor
        now = at + (self._next_sample - first) / self._rate if self._next_sample else begun
        record.update(
            kind="call",
            line=self._config.line.id,
            direction=str(call.direction),
            outcome=str(call.outcome),
            started_monotonic=call.started,
            duration_s=round(ended - begun, 3) if call.off_hook is not None else 0.0,
            private=call.private,
            flagged=bool(call.flags),
            rate=self._rate,
            preroll_s=self._preroll_s if call.off_hook is not None else 0.0,
            firmware=__version__,
        )
        record["off_hook_monotonic"] = record.pop("off_hook", None)
        record["boot_id"] = self._boot_id
        wall = self._wall()
        begun_at = datetime.fromtimestamp(max(0.0, wall - (now - call.started)))
        for message in record["caller_ids"]:
            message["clock_difference_min"] = clock_difference(message["when"], begun_at)
        if call.ended is not None:  # at the start of a recording there is no time for it
            record["number_e164"] = normalised(call.number, self._config.line.country)
        return record | start_facts(record, wall, now, self._belief())


def _continue(call: Call, record: dict[str, Any]) -> None:
    """The line was off-hook when the recorder was started anew: the broken-off call goes on."""
    for name in CONTINUED:
        if name in record:
            setattr(call, name, record[name])
    if record.get("direction") in tuple(Direction):
        call.direction = Direction(record["direction"])
    call.started = float(record["started_monotonic"])
    call.off_hook = float(record.get("off_hook_monotonic") or call.started)
