"""Call progress and fax tones: steady tones whose frequencies and cadence fit a tone plan.

A tone is told twice: `ToneStarted` as early as it is certain, `Tone` once when it is over, for all
its bursts together. Certain is

- a continuous tone (dial, CED): longer than any burst of the same frequencies;
- busy and reorder: two bursts with their pauses, and the third begins;
- ringback and CNG: of the own country, one burst and 1.5 s of quiet; of another country, where
  the tones of a call abroad come from, two bursts;
- the special information tone (SIT): its three steps.

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
from firmware.signals.plan import PlanTone, TonePlan
from firmware.signals.steady import Change, Steady

EVERYWHERE = "ITU"
LONG_PAUSE_S = 1.5
QUIET_S = 1.5
QUIET_FROM_S = 0.06
QUIET_SHARE = 0.05  # of the tone's power
SHORT_CYCLES = 2
LOUD_BLOCKS = 0.1  # of the blocks of a quiet pause
SHORTEST_CONTINUOUS_S = 1.0
LATE_S = 0.2  # a burst is known this much after its beginning
KEPT = 12


@dataclass(slots=True)
class _Running:
    """The tone that is told: up to `end` so far; `over_at` unless it goes on, in samples."""

    tone: PlanTone
    start: int
    end: int
    power: float
    over_at: float
    sounding: bool


@dataclass(frozen=True, slots=True)
class _Fit:
    tone: PlanTone
    start: int
    error: float


class ProgressDecoder:
    """Changes of steady tones in, tones out. `plans`: the own country's first, if it is known."""

    def __init__(self, plans: Sequence[TonePlan], own: str | None = None) -> None:
        self._own = {own, EVERYWHERE}
        self._tones = [tone for plan in plans for tone in plan.tones]
        self._needs = {tone: self._need(tone) for tone in self._tones if tone.continuous}
        self._cycles = {tone: self._cycles_of(tone) for tone in self._tones}
        self._past: deque[Steady] = deque(maxlen=KEPT)
        self._now: Steady | None = None
        self._quiet_due: float = math.inf
        self._running: _Running | None = None
        self._powers = np.zeros(0, np.float32)
        self._powers_from = 0

    def _need(self, tone: PlanTone) -> float:
        """Seconds after which nothing but the continuous tone can be what sounds."""
        longest = 0.0
        for other in self._rivals(tone):
            for step in other.steps:
                if math.isfinite(step.on) and step.hertz == tone.steps[0].hertz:
                    longest = max(longest, 1.12 * step.on + 0.12)
        return max(SHORTEST_CONTINUOUS_S, longest)

    def _cycles_of(self, tone: PlanTone) -> int:
        """Bursts with their pauses after which a tone of one step cannot be a part of another."""
        longest = SHORT_CYCLES
        for other in self._rivals(tone):
            if len(other.steps) < 2 or other.once:
                continue
            row = 0
            for step in other.steps:
                alike = tone.off_pitch(step.hertz, tone.steps[0]) is not None
                alike = alike and tone.off_time(step.on, tone.steps[0].on) is not None
                alike = alike and tone.off_time(step.off, tone.steps[0].off) is not None
                row = row + 1 if alike else 0
                longest = max(longest, row + 1)
        return longest

    def _rivals(self, tone: PlanTone) -> list[PlanTone]:
        """The tones it could be taken for: of the own country's, only its own."""
        own = tone.plan in self._own
        return [other for other in self._tones if not own or other.plan == tone.plan]

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
        if math.isinf(self._quiet_due) and self._now is None:
            self._powers, self._powers_from = blocks.power, blocks.first
            return
        kept = round(2 * QUIET_S * RATE / BLOCK)
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
            due = min(sure, over, self._quiet_due)
            if due > until or math.isinf(due):
                return found
            if due == over:
                found += self._stop()
            elif due == self._quiet_due:
                self._quiet_due = math.inf
                found += self._after_quiet(round(due))
            elif tone is not None and self._now is not None:
                found += self._tell(_Fit(tone, self._now.start, 0.0), round(due), self._now)

    def _continuous_due(self) -> tuple[float, PlanTone | None]:
        """When what sounds now will be a continuous tone, in samples."""
        now = self._now
        if now is None or (self._running is not None and self._running.sounding):
            return math.inf, None
        fits = []
        for tone, need in self._needs.items():
            error = tone.off_pitch(now.hertz, tone.steps[0])
            if error is not None:
                fits.append((tone.plan not in self._own, error, need, tone))
        if not fits:
            return math.inf, None
        _, _, need, tone = min(fits, key=lambda fit: fit[:2])
        return math.ceil(now.start + need * RATE), tone

    def _after_quiet(self, now: int) -> list[Signal]:
        """One burst of the own ringback and nothing since."""
        last = self._past[-1]
        first = round((last.end + QUIET_FROM_S * RATE) / BLOCK) - self._powers_from
        powers = self._powers[max(0, first) : now // BLOCK - self._powers_from]
        loud = int(np.count_nonzero(powers > QUIET_SHARE * last.power))
        if loud > LOUD_BLOCKS * len(powers):
            return []
        fits = [
            fit
            for tone in self._tones
            if tone.plan in self._own and _pauses(tone)
            for fit in self._fits(tone, len(tone.steps), None, last_step=len(tone.steps) - 1)
        ]
        return self._best(fits, now, None)

    # Bursts ----------------------------------------------------------------------------------

    def _began(self, burst: Steady, now: int) -> list[Signal]:
        self._now, self._quiet_due = burst, math.inf
        if self._goes_on(burst):
            return []
        fits = []
        for tone in self._tones:
            if tone.continuous or tone.once:
                continue
            steps = len(tone.steps)
            if steps > 1 or (_pauses(tone) and tone.plan in self._own):
                fits += self._fits(tone, steps, burst)
            elif not _pauses(tone):
                fits += self._fits(tone, self._cycles[tone], burst)
        return self._best(fits, now, burst)

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
            return []
        self._past.append(burst)
        fits = []
        for tone in self._tones:
            if tone.once:
                fits += self._fits(tone, len(tone.steps), None, last_step=len(tone.steps) - 1)
            elif _pauses(tone) and len(tone.steps) == 1 and tone.plan not in self._own:
                fits += self._fits(tone, 2, None)
        if fits:
            return self._best(fits, now, None)
        own = (tone for tone in self._tones if tone.plan in self._own and _pauses(tone))
        if any(self._fits(t, len(t.steps), None, len(t.steps) - 1) for t in own):
            self._quiet_due = math.ceil(burst.end + QUIET_S * RATE)
        return []

    def _goes_on(self, burst: Steady) -> bool:
        """Whether the burst belongs to the tone that runs."""
        running = self._running
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
        pauses = [
            step.off
            for step in tone.steps
            if tone.off_pitch(burst.hertz, step) is not None
            and tone.off_time(length, step.on) is not None
        ]
        return max(pauses, default=None)

    # Fits ------------------------------------------------------------------------------------

    def _fits(
        self, tone: PlanTone, count: int, follows: Steady | None, last_step: int | None = None
    ) -> list[_Fit]:
        """How the last `count` bursts, and the beginning of `follows`, fit the tone's cadence."""
        if tone.continuous or len(self._past) < count:
            return []
        bursts = list(self._past)[-count:]
        lasts = range(len(tone.steps)) if last_step is None else (last_step,)
        return [
            _Fit(tone, bursts[0].start, error)
            for last in lasts
            if (error := self._error(tone, bursts, last, follows)) is not None
        ]

    @staticmethod
    def _error(
        tone: PlanTone, bursts: list[Steady], last: int, follows: Steady | None
    ) -> float | None:
        """The mean error where the last burst is step `last`; None where anything is too far."""
        steps = tone.steps
        total, count = 0.0, 0
        after = follows
        following = steps[(last + 1) % len(steps)]
        if follows is not None and tone.off_pitch(follows.hertz, following) is None:
            return None
        for back, burst in enumerate(reversed(bursts)):
            step = steps[(last - back) % len(steps)]
            errors = [tone.off_pitch(burst.hertz, step)]
            errors.append(tone.off_time((burst.end - burst.start) / RATE, step.on))
            if after is not None:
                errors.append(tone.off_time((after.start - burst.end) / RATE, step.off))
            for error in errors:
                if error is None:
                    return None
                total, count = total + error, count + 1
            after = burst
        return total / count

    def _best(self, fits: list[_Fit], now: int, sounding: Steady | None) -> list[Signal]:
        if not fits:
            return []
        best = min(fits, key=lambda fit: (fit.tone.plan not in self._own, fit.error))
        return self._tell(best, now, sounding)

    def _tell(self, fit: _Fit, now: int, sounding: Steady | None) -> list[Signal]:
        start, over_at = self._first_of(fit), math.inf
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
        self._running = _Running(fit.tone, start, end, power, over_at, sounding is not None)
        self._past.clear()
        self._quiet_due = math.inf
        return [*found, ToneStarted(start, now, fit.tone.name, fit.tone.plan, dbm0(power))]

    def _first_of(self, fit: _Fit) -> int:
        """The start of the bursts before those that fit, where one was cut at its beginning."""
        start = fit.start
        for burst in reversed(self._past):
            if burst.start >= start or fit.tone.once:
                continue
            gap = (start - burst.end) / RATE
            steps = fit.tone.steps
            pitch = any(fit.tone.off_pitch(burst.hertz, step) is not None for step in steps)
            if not pitch or all(fit.tone.off_time(gap, step.off) is None for step in steps):
                break
            start = burst.start
        return start

    def _stop(self) -> list[Signal]:
        running, self._running = self._running, None
        if running is None:
            return []
        tone = running.tone
        return [Tone(running.start, running.end, tone.name, tone.plan, dbm0(running.power))]


def _pauses(tone: PlanTone) -> bool:
    """Whether its pauses are long, as those of ringback and CNG."""
    return not tone.once and tone.steps[-1].off >= LONG_PAUSE_S
