"""Call progress and fax tones: steady tones whose frequencies and cadence fit a tone plan.

A tone is told twice: `ToneStarted` as early as it is certain, `Tone` once when it is over, for all
its bursts together. Certain is

- a continuous tone (dial, CED): longer than any burst of the same frequencies;
- busy and reorder: two bursts with their pauses, and the third begins;
- ringback and CNG: of the own country, one burst and 1.5 s of quiet; of another country, where
  the tones of a call abroad come from, two bursts;
- the special information tone (SIT): its three steps.

A pause of ringback that fills with other sound for a second ends it: somebody talks, here or at the
far end. If the next burst comes in its time, ringback has started again.

Where the own country's plan fits, it is the one that is told; of other plans the nearest.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from firmware.events import Signal, Tone, ToneStarted
from firmware.signals.blocks import BLOCK, RATE, Blocks, dbm0
from firmware.signals.cadence import Cadences, Fit, first_of, pauses
from firmware.signals.plan import PlanTone, TonePlan
from firmware.signals.steady import Change, Steady

QUIET_S = 1.5
QUIET_FROM_S = 0.06
QUIET_SHARE = 0.05  # of the tone's power
LOUD_BLOCKS = 0.1  # of the blocks of a quiet pause
LATE_S = 0.2  # a burst is known this much after its beginning
KEPT = 12
HEARD_S = 1.0  # of sound in a pause
EVERY_S = 0.5
SPEECH_OVER_FLOOR = 4.0  # of power: no steady noise is ever so uneven
SPEECH_BLOCKS = 0.5
POWERS_KEPT_S = 3.0


@dataclass(slots=True)
class _Running:
    """The tone that is told: up to `end` so far; `over_at` unless it goes on, in samples."""

    tone: PlanTone
    start: int
    end: int
    power: float
    over_at: float
    sounding: bool


class ProgressDecoder:
    """Changes of steady tones in, tones out. `plans`: the own country's first, if it is known."""

    def __init__(self, plans: Sequence[TonePlan], own: str | None = None) -> None:
        self._cadences = Cadences(plans, own)
        self._past: deque[Steady] = deque(maxlen=KEPT)
        self._now: Steady | None = None
        self._quiet_due: float = math.inf
        self._sound_due: float = math.inf
        self._running: _Running | None = None
        self._talked_over: _Running | None = None
        self._powers = np.zeros(0, np.float32)
        self._powers_from = 0

    def take(self, blocks: Blocks, changes: Sequence[Change]) -> list[Signal]:
        """The tones that these blocks, and the changes in them, make known, in order."""
        self._remember(blocks)
        found: list[Signal] = []
        for change in changes:
            found += self._wait(change.time)
            if change.over:
                found += self._ended(change.tone, change.time)
            else:
                found += self._began(change.tone, change.time)
        return found + self._wait((blocks.first + len(blocks.power)) * BLOCK)

    def flush(self, changes: Sequence[Change]) -> list[Signal]:
        """The stream is over: the tone that still ran."""
        found: list[Signal] = []
        for change in changes:
            found += self._ended(change.tone, change.time)
        return found + self._stop()

    def _remember(self, blocks: Blocks) -> None:
        kept = round(POWERS_KEPT_S * RATE / BLOCK)
        drop = max(0, len(self._powers) - kept)
        self._powers = np.concatenate((self._powers[drop:], blocks.power))
        self._powers_from += drop

    # What is awaited -------------------------------------------------------------------------

    def _wait(self, until: float) -> list[Signal]:
        """Let stream time pass: what falls due, in the order of its times."""
        found: list[Signal] = []
        while True:
            sure, tone = self._continuous_due()
            over = self._running.over_at if self._running is not None else math.inf
            due = min(sure, over, self._quiet_due, self._sound_due)
            if due > until or math.isinf(due):
                return found
            if due == over:
                found += self._stop()
            elif due == self._sound_due:
                found += self._after_sound(round(due))
            elif due == self._quiet_due:
                self._quiet_due = math.inf
                found += self._after_quiet(round(due))
            elif tone is not None and self._now is not None:
                found += self._tell(Fit(tone, self._now.start, 0.0), round(due), self._now)

    def _continuous_due(self) -> tuple[float, PlanTone | None]:
        """When what sounds now will be a continuous tone, in samples."""
        now = self._now
        if now is None or (self._running is not None and self._running.sounding):
            return math.inf, None
        need, tone = self._cadences.continuous(now.hertz)
        return now.start + need * RATE if math.isinf(need) else math.ceil(
            now.start + need * RATE
        ), tone

    def _after_sound(self, now: int) -> list[Signal]:
        """Whether the pause of the running tone has filled with other sound."""
        self._sound_due += EVERY_S * RATE
        running = self._running
        if running is None:
            return []
        last = now // BLOCK - self._powers_from
        powers = self._powers[max(0, last - round(HEARD_S * RATE / BLOCK)) : last]
        loudest = max(QUIET_SHARE * running.power, SPEECH_OVER_FLOOR * float(powers.min()))
        if np.count_nonzero(powers > loudest) < SPEECH_BLOCKS * len(powers):
            return []
        found = self._stop()
        self._talked_over = running
        return found

    def _after_quiet(self, now: int) -> list[Signal]:
        """One burst of the own ringback and nothing since."""
        last = self._past[-1]
        first = round((last.end + QUIET_FROM_S * RATE) / BLOCK) - self._powers_from
        powers = self._powers[max(0, first) : now // BLOCK - self._powers_from]
        loud = int(np.count_nonzero(powers > QUIET_SHARE * last.power))
        if loud > LOUD_BLOCKS * len(powers):
            return []
        return self._told(self._cadences.after_quiet(self._past), now, None)

    # Bursts ----------------------------------------------------------------------------------

    def _began(self, burst: Steady, now: int) -> list[Signal]:
        self._now, self._quiet_due, self._sound_due = burst, math.inf, math.inf
        if self._goes_on(self._running, burst):
            return []
        if self._running is None and self._goes_on(self._talked_over, burst):
            return self._resumed(burst, now)
        return self._told(self._cadences.at_beginning(self._past, burst), now, burst)

    def _ended(self, burst: Steady, now: int) -> list[Signal]:
        self._now = None
        running = self._running
        if running is not None and running.sounding:
            running.sounding = False
            running.end = burst.end
            if running.tone.continuous:
                return self._stop()
            pause = self._pause_after(running.tone, burst)
            if pause is None:  # cut short, or it went on: something else came
                return self._stop()
            running.over_at = burst.end + (pause * 1.1 + LATE_S) * RATE
            self._listen_from(burst.end)
            return []
        self._past.append(burst)
        if (fit := self._cadences.at_end(self._past)) is not None:
            return self._tell(fit, now, None)
        if self._cadences.after_quiet(self._past) is not None:
            self._quiet_due = math.ceil(burst.end + QUIET_S * RATE)
        return []

    def _listen_from(self, end: int) -> None:
        """Other sound in the pause that began at sample `end` is listened for."""
        if self._running is not None and pauses(self._running.tone):
            self._sound_due = math.ceil(end + (QUIET_FROM_S + HEARD_S) * RATE)

    def _resumed(self, burst: Steady, now: int) -> list[Signal]:
        running, self._talked_over = self._talked_over, None
        if running is None:
            return []
        running.start = running.end = burst.start
        self._running = running
        tone = running.tone
        return [ToneStarted(burst.start, now, tone.name, tone.plan, dbm0(burst.power))]

    def _goes_on(self, running: _Running | None, burst: Steady) -> bool:
        """Whether the burst belongs to the tone that runs, or ran; then it sounds."""
        if running is None:
            return False
        tone, gap = running.tone, (burst.start - running.end) / RATE
        for number, step in enumerate(tone.steps):
            before = tone.steps[number - 1]
            if tone.off_pitch(burst.hertz, step) is None:
                continue
            if tone.off_time(gap, before.off) is not None:
                running.sounding = True
                running.over_at = burst.start + (step.on * 1.1 + LATE_S) * RATE
                return True
        return False

    @staticmethod
    def _pause_after(tone: PlanTone, burst: Steady) -> float | None:
        length = (burst.end - burst.start) / RATE
        offs = [
            step.off
            for step in tone.steps
            if tone.off_pitch(burst.hertz, step) is not None
            and tone.off_time(length, step.on) is not None
        ]
        return max(offs, default=None)

    def _told(self, fit: Fit | None, now: int, sounding: Steady | None) -> list[Signal]:
        return [] if fit is None else self._tell(fit, now, sounding)

    def _tell(self, fit: Fit, now: int, sounding: Steady | None) -> list[Signal]:
        start, over_at = first_of(fit, self._past), math.inf
        if sounding is not None:
            power = sounding.power
            end = self._past[-1].end if self._past else sounding.start
            longest = max(step.on for step in fit.tone.steps)
            over_at = sounding.start + (longest * 1.1 + LATE_S) * RATE
        else:
            power, end = self._past[-1].power, self._past[-1].end
            pause = max(step.off for step in fit.tone.steps)
            over_at = end + (pause * 1.1 + LATE_S) * RATE
        found = self._stop()
        self._talked_over = None
        self._running = _Running(fit.tone, start, end, power, over_at, sounding is not None)
        self._past.clear()
        self._quiet_due = math.inf
        if sounding is None:
            self._listen_from(now)
        return [*found, ToneStarted(start, now, fit.tone.name, fit.tone.plan, dbm0(power))]

    def _stop(self) -> list[Signal]:
        running, self._running = self._running, None
        self._sound_due = math.inf
        if running is None:
            return []
        tone = running.tone
        return [Tone(running.start, running.end, tone.name, tone.plan, dbm0(running.power))]
