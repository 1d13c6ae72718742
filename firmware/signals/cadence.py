"""Which tone of which plan the last bursts fit, and from when on that is certain."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from firmware.signals.blocks import RATE
from firmware.signals.plan import PlanTone, TonePlan
from firmware.signals.steady import Steady

EVERYWHERE = "ITU"
LONG_PAUSE_S = 1.5
SHORT_CYCLES = 2
SHORTEST_CONTINUOUS_S = 1.0


@dataclass(frozen=True, slots=True)
class Fit:
    """A tone that bursts fit since sample `start`; `error` is 0 for a perfect fit, 1 at most."""

    tone: PlanTone
    start: int
    error: float


class Cadences:
    """All tones of all plans; those of the country `own`, and of everywhere, go before others."""

    def __init__(self, plans: Sequence[TonePlan], own: str | None) -> None:
        self._own = {own, EVERYWHERE}
        self._tones = [tone for plan in plans for tone in plan.tones]
        self._needs = {tone: self._need(tone) for tone in self._tones if tone.continuous}
        self._cycles = {tone: self._cycles_of(tone) for tone in self._tones}

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

    def continuous(self, hertz: tuple[float, ...]) -> tuple[float, PlanTone | None]:
        """Seconds after which frequencies are a continuous tone, and which; infinite: never."""
        fits = []
        for tone, need in self._needs.items():
            error = tone.off_pitch(hertz, tone.steps[0])
            if error is not None:
                fits.append((tone.plan not in self._own, error, need, tone))
        if not fits:
            return math.inf, None
        _, _, need, tone = min(fits, key=lambda fit: fit[:2])
        return need, tone

    def after_quiet(self, past: Sequence[Steady]) -> Fit | None:
        """The own tone with a long pause whose bursts have just sounded; quiet will prove it."""
        own = [tone for tone in self._tones if tone.plan in self._own and pauses(tone)]
        return self._best(
            [fit for t in own for fit in _fits(t, past, len(t.steps), None, len(t.steps) - 1)]
        )

    def at_beginning(self, past: Sequence[Steady], burst: Steady) -> Fit | None:
        """The tone that is certain now that `burst` follows those that are past."""
        fits = []
        for tone in self._tones:
            if tone.continuous or tone.once:
                continue
            steps = len(tone.steps)
            if steps > 1 or (pauses(tone) and tone.plan in self._own):
                fits += _fits(tone, past, steps, burst)
            elif not pauses(tone):
                fits += _fits(tone, past, self._cycles[tone], burst)
        return self._best(fits)

    def at_end(self, past: Sequence[Steady]) -> Fit | None:
        """The tone that is certain now that the last burst has ended."""
        fits = []
        for tone in self._tones:
            if tone.once:
                fits += _fits(tone, past, len(tone.steps), None, len(tone.steps) - 1)
            elif pauses(tone) and len(tone.steps) == 1 and tone.plan not in self._own:
                fits += _fits(tone, past, 2, None)
        return self._best(fits)

    def _best(self, fits: list[Fit]) -> Fit | None:
        return min(fits, key=lambda fit: (fit.tone.plan not in self._own, fit.error), default=None)


def _fits(
    tone: PlanTone,
    past: Sequence[Steady],
    count: int,
    follows: Steady | None,
    last_step: int | None = None,
) -> list[Fit]:
    """How the last `count` bursts, and the beginning of `follows`, fit the tone's cadence."""
    if tone.continuous or len(past) < count:
        return []
    bursts = list(past)[-count:]
    lasts = range(len(tone.steps)) if last_step is None else (last_step,)
    return [
        Fit(tone, bursts[0].start, error)
        for last in lasts
        if (error := _error(tone, bursts, last, follows)) is not None
    ]


def _error(tone: PlanTone, bursts: list[Steady], last: int, follows: Steady | None) -> float | None:
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


def first_of(fit: Fit, past: Sequence[Steady]) -> int:
    """The start of the bursts before those that fit, where one was cut at its beginning."""
    start = fit.start
    for burst in reversed(past):
        if burst.start >= start or fit.tone.once:
            continue
        gap = (start - burst.end) / RATE
        steps = fit.tone.steps
        pitch = any(fit.tone.off_pitch(burst.hertz, step) is not None for step in steps)
        if not pitch or all(fit.tone.off_time(gap, step.off) is None for step in steps):
            break
        start = burst.start
    return start


def pauses(tone: PlanTone) -> bool:
    """Whether its pauses are long, as those of ringback and CNG."""
    return not tone.once and tone.steps[-1].off >= LONG_PAUSE_S
