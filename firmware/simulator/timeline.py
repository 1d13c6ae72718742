"""A scenario as one line's sound and pin edges.

Both voices share the pair, so they are mixed; the far one is as weak as its step says. The first
second is idle; at the end at least three are, or ten where ringing was not answered.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firmware.simulator import steps
from firmware.simulator.errors import BadScenario
from firmware.simulator.generators import caller_id, dtmf, fsk, line, tones
from firmware.simulator.generators.levels import Sound, to_int16
from firmware.simulator.scenario import Scenario
from firmware.simulator.stage import PinEdge, Stage
from firmware.simulator.voices import find_voice, load_voice

__all__ = ["PinEdge", "Timeline", "build"]

HEAD_S = 1.0
TAIL_S = 3.0
UNANSWERED_TAIL_S = 10.0


@dataclass(frozen=True, eq=False, slots=True)
class Timeline:
    """`samples`: (n,) int16 mono at `rate` Hz; `pins`: edges in the order of their times."""

    rate: int
    samples: NDArray[np.int16]
    pins: list[PinEdge]

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.samples) / self.rate


def build(scenario: Scenario) -> Timeline:
    """Play the scenario on a fresh stage; the same scenario gives the same timeline."""
    random = np.random.default_rng(scenario.seed)
    stage = Stage(scenario.rate, HEAD_S)
    whole_length: list[steps.Noise | steps.Hum] = []
    starts: list[float] = []
    for number, step in enumerate(scenario.steps, 1):
        if isinstance(step, steps.Noise | steps.Hum):
            whole_length.append(step)
            starts.append(stage.now)
            continue
        try:
            _play(step, stage, scenario, random)
        except ValueError as error:
            raise BadScenario(scenario.name, str(error), number) from error
    tail = UNANSWERED_TAIL_S if stage.unanswered else TAIL_S
    count = math.ceil((stage.end() + tail) * scenario.rate)
    mix = stage.mixed(count)
    mix += line.noise(count, scenario.idle_noise, random)
    for background, start in zip(whole_length, starts, strict=True):
        _lay(background, start, mix, scenario.rate, random)
    return Timeline(scenario.rate, to_int16(mix), stage.edges())


def _play(step: steps.Step, stage: Stage, scenario: Scenario, random: np.random.Generator) -> None:
    now = stage.now
    match step:
        case steps.Ring():
            _ring(step, stage)
        case steps.CallerIdBurst():
            stage.now = stage.place(_caller_id(step, stage.rate, random), now)
        case steps.LiftHandset():
            stage.unanswered = False
            stage.loop(now, lifted=True)
        case steps.HangUp():
            stage.hush(now)
            stage.loop(now, lifted=False)
        case steps.DialDtmf():
            digits = dtmf.sequence(
                step.digits,
                stage.rate,
                step.on * 1000.0,
                step.off * 1000.0,
                step.level,
                step.twist,
                step.deviation,
            )
            stage.now = stage.place(digits, now, of_call=True)
        case steps.DialPulses():
            _dial_pulses(step, stage)
        case steps.Flash():
            stage.contact(False, now)
            stage.now = now + step.duration
            stage.contact(True, stage.now)
        case steps.Say():
            voice = load_voice(find_voice(step.voice, scenario.folder), stage.rate, step.level)
            _sound(stage, voice, step.background)
        case steps.PlayTone():
            sound = tones.tone(
                step.name, stage.rate, step.length, step.level, step.plan, step.deviation
            )
            _sound(stage, sound, step.background)
        case steps.Silence():
            _wait(step, stage)
        case steps.Join():
            stage.now = max(now, stage.background_until)
        case steps.Reversal():
            stage.toggle("polarity", now)
            stage.place(line.click(stage.rate), now)
        case steps.Cut():
            stage.hush(now)
            stage.loop(now, whole=False)
        case steps.Restore():
            stage.loop(now, whole=True)
        case steps.PressFlag():
            stage.set_pin("flag", True, now)
            stage.now = now + step.duration
            stage.set_pin("flag", False, stage.now)
        case _:
            raise ValueError(f"no way to play {type(step).__name__}")


def _ring(step: steps.Ring, stage: Stage) -> None:
    """The ring pin is active for half of each cycle of the ringing voltage."""
    for number in range(step.bursts):
        last = number == step.bursts - 1
        length = step.last if last and step.last else step.on
        cycles = max(1, round(length * step.frequency))
        for cycle in range(cycles):
            stage.set_pin("ring", True, stage.now + cycle / step.frequency)
            stage.set_pin("ring", False, stage.now + (cycle + 0.5) / step.frequency)
        count = round(cycles / step.frequency * stage.rate)
        stage.place(line.ringing(count, stage.rate, step.level, step.frequency), stage.now)
        stage.last_ring_end = stage.now + cycles / step.frequency
        stage.now = stage.last_ring_end + (0.0 if last else step.off)
    stage.unanswered = True


def _dial_pulses(step: steps.DialPulses, stage: Stage) -> None:
    """As many breaks as the digit says, ten for 0."""
    period = 1.0 / step.rate
    for digit in step.digits:
        pulses = int(digit) or 10
        for pulse in range(pulses):
            start = stage.now + pulse * period
            stage.contact(False, start)
            stage.contact(True, start + period * step.break_ratio)
        stage.now += pulses * period + step.gap


def _caller_id(step: steps.CallerIdBurst, rate: int, random: np.random.Generator) -> Sound:
    if step.standard == "dtmf":
        digits = caller_id.dtmf_clip(step.number, step.start, step.end)
        return dtmf.sequence(digits, rate, 70.0, 70.0, step.level)
    if step.format == "sdmf":
        message = caller_id.sdmf(step.time, step.number, step.number_absent)
    else:
        more = [bytes.fromhex(each) for each in step.more.split()]
        message = caller_id.mdmf(
            step.time,
            step.number,
            step.name,
            step.number_absent,
            step.name_absent,
            [(each[0], each[1:]) for each in more],
        )
    if step.spoil == "checksum":
        message = caller_id.spoilt(message)
    elif step.spoil == "garbage":
        message = caller_id.garbage(len(message), random)
    modulation = fsk.BELLCORE if step.standard == "bellcore" else fsk.V23
    bits = fsk.burst_bits(message, step.seizure, step.mark)
    return fsk.modulate(bits, rate, modulation, step.level, step.twist)


def _sound(stage: Stage, sound: Sound, background: bool) -> None:
    end = stage.place(sound, stage.now, of_call=True)
    if background:
        stage.background_until = max(stage.background_until, end)
    else:
        stage.now = end


def _wait(step: steps.Silence, stage: Stage) -> None:
    if not step.after_ring:
        stage.now += step.duration
        return
    until = (stage.last_ring_end or 0.0) + step.after_ring
    if until < stage.now:
        late = stage.now - until
        raise ValueError(f"after_ring: expected a time to come; it was {late:.3f} s ago")
    stage.now = until


def _lay(
    step: steps.Noise | steps.Hum,
    start: float,
    mix: NDArray[np.float32],
    rate: int,
    random: np.random.Generator,
) -> None:
    """Add noise or hum to the mix in place."""
    first = round(start * rate)
    end = min(len(mix), first + round(step.duration * rate)) if step.duration else len(mix)
    if isinstance(step, steps.Noise):
        mix[first:end] += line.noise(end - first, step.level, random)
    else:
        mix[first:end] += line.hum(end - first, rate, step.level, step.frequency)
