"""What is found out beside the recording: alarms, blind time, and what time it really was."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from firmware.alarms import Alarms, Publish
from firmware.archive.completeness import judge
from firmware.archive.gaps import NOT_STORED
from firmware.archive.keeper import Entered, Happened, Keeper, Trouble
from firmware.blind import SHORTEST_S, continues, entry
from firmware.clock import NOT_BELIEVED, Belief, correction
from firmware.config import AlarmsConfig
from firmware.consent_ledger import ALARM as NOT_HEARD
from firmware.consent_ledger import not_heard

RECOVERED = "recovered"
LOST = "sound-lost"
LOST_EVERY_S = 60.0  # while more and more goes it is told anew so often
TOLD_S = 86400.0  # what recovery found is told for a day; it stays with the calls themselves
BLIND_SLACK_S = 10.0  # blind again so soon: the same entry
NO_SPACE_SLACK_S = 0.5  # but not where something in between was recorded
JUDGED = ("silent", "one-sided", "clipped", "frames")


class Findings:
    """`now`: the time of the newest thing that happened, in monotonic seconds."""

    def __init__(
        self,
        keeper: Keeper,
        alarms: Alarms,
        publish: Publish,
        wall: Callable[[], float],
        belief: Callable[[], Belief],
        line: str,
        boot_id: str,
    ) -> None:
        self.now = 0.0
        self._keeper = keeper
        self._alarms = alarms
        self._publish = publish
        self._wall = wall
        self._belief = belief
        self._line = line
        self._boot_id = boot_id
        self._believed = NOT_BELIEVED
        self._recovered_at = 0.0
        self._lost_at = 0.0
        self._unstored: set[tuple[str, int]] = set()

    @property
    def alarms(self) -> dict[str, str]:
        """The alarms that stand: kind and words."""
        return self._alarms.standing

    def switch(self, switches: AlarmsConfig) -> None:
        """The owner chose anew of what he wants to hear."""
        self._alarms.switch(switches)

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
                self._recovered_at = self.now
        else:
            self.clear_alarm(trouble.kind)

    def attend(self, now: float) -> None:
        """Hear what became of the calls."""
        self.now = now
        self._set_right(now)
        if RECOVERED in self.alarms and now - self._recovered_at > TOLD_S:
            self.clear_alarm(RECOVERED)
        self.hear_keeper(self._keeper.poll())

    def hear_keeper(self, happened: list[Happened]) -> None:
        """What the archive's lanes did."""
        for one in happened:
            if isinstance(one, Entered):
                self._publish({"event": "call", "id": one.record["id"]})
                self._judge(one.record)
            else:
                self.hear(one)
        self.hear(Trouble("medium-failing", self._keeper.trouble))
        self.hear(Trouble("medium-slow", self._keeper.slow))
        self._tell_lost()

    def _tell_lost(self) -> None:
        """Sound that no medium took and memory could not hold; it is told for a day."""
        why, told = self._keeper.waiting.words, self.alarms.get(LOST, "")
        if why != told and (not told or self.now - self._lost_at >= LOST_EVERY_S):
            self.raise_alarm(LOST, why)
            self._lost_at = self.now
        elif told and self.now - self._lost_at > TOLD_S:
            self._keeper.waiting.forget()
            self.clear_alarm(LOST)

    def _judge(self, record: dict[str, Any]) -> None:
        """What is wrong with a recording is an alarm until one is right again."""
        if record.get("kind") != "call":
            return
        self._find_unstored(record)
        if not record.get("audio"):
            return
        found = {reason.code: reason.words for reason in judge(record)}
        at = str(record["started_at"])[:16].replace("T", " ")
        for code in JUDGED:
            why = f"The call of {at} UTC: {found[code]}" if code in found else ""
            self.hear(Trouble(f"recording-{code}", why))
        if record.get("consent"):
            self.hear(Trouble(NOT_HEARD, not_heard(record)))

    def _find_unstored(self, record: dict[str, Any]) -> None:
        """What no medium could store of a call is blind time, once: by the call's own clocks, since
        it may be of an earlier run of the machine."""
        began = record.get("started_monotonic")  # what a torn record does not tell
        lead_s = 0.0 if began is None else float(record.get("audio_monotonic") or began) - began
        for gap in record.get("gaps") or []:
            place = (str(record["id"]), int(gap["offset"]))
            if not gap["reason"].startswith(NOT_STORED) or place in self._unstored:
                continue
            self._unstored.add(place)
            after_s = lead_s + gap["offset"] / record["rate"]
            started = datetime.fromisoformat(str(record["started_at"])).timestamp()
            told = entry("no-space", started + after_s, gap["count"] / record["rate"])
            if began is not None:
                told |= {"started_monotonic": began + after_s, "boot_id": record.get("boot_id")}
            self._enter_blind(told | {"clock_source": record.get("clock_source")})

    def went_blind(self, cause: str, at: float, duration_s: float) -> None:
        """Enter an interval in which nothing could be recorded; `at` in monotonic seconds."""
        record = entry(cause, self._wall() - (self.now - at), duration_s)
        record |= {"started_monotonic": at, "boot_id": self._boot_id}
        self._enter_blind(record | {"clock_source": self._belief().source})

    def _enter_blind(self, record: dict[str, Any]) -> None:
        if record["duration_s"] < SHORTEST_S:
            return
        slack_s = NO_SPACE_SLACK_S if record["cause"] == "no-space" else BLIND_SLACK_S
        record = {**record, "line": self._line}
        self._keeper.add_blind(record, partial(continues, slack_s=slack_s))

    def _set_right(self, now: float) -> None:
        """When NTP has set the clock, what it would have said stands beside earlier calls."""
        belief = self._belief()
        if belief.source == "ntp" and self._believed.source != "ntp":
            wall = self._wall()
            self._keeper.correct(lambda call: correction(call, self._boot_id, wall, now, belief))
        self._believed = belief
