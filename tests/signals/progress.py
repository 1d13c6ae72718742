"""Lines with tones on them, and what the tone decoder says of them."""

import numpy as np

from firmware.events import Signal, Tone, ToneStarted
from firmware.plans import load_plans
from firmware.signals.tones import ToneDecoder
from firmware.simulator.generators.levels import rms
from firmware.simulator.generators.tones import PLANS, cadence

RATE = 8000
LEAD = 1777  # samples of silence before the tone: no multiple of anything
ALL_PLANS = load_plans()
CASES = [(plan, name) for plan, tones in PLANS.items() for name in tones]
SAME_CADENCE = {("pl", "reorder"): "busy"}  # Poland sends congestion as busy


def country(plan: str) -> str:
    return plan.upper()


def quiet(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * RATE))


def line(*parts: np.ndarray, snr: float | None = None, level: float = -15.0, seed: int = 1):  # type: ignore[no-untyped-def]
    """The parts behind LEAD samples, with white noise `snr` dB below `level`."""
    samples = np.concatenate([np.zeros(LEAD), *parts])
    if snr is not None:
        noise = np.random.default_rng(seed).standard_normal(len(samples))
        samples = samples + rms(level - snr) * noise
    return samples.astype(np.float32)


def heard(samples: np.ndarray, own: str | None = "PL") -> list[Signal]:
    decoder = ToneDecoder(load_plans(own), own)
    return [*decoder.feed(samples), *decoder.flush()]


def over(signals: list[Signal]) -> list[Tone]:
    return [signal for signal in signals if isinstance(signal, Tone)]


def began(signals: list[Signal]) -> list[ToneStarted]:
    return [signal for signal in signals if isinstance(signal, ToneStarted)]


def last_burst_end(plan: str, name: str, duration: float) -> float:
    """Seconds from the tone's beginning to the end of its last burst within `duration`."""
    parts, at, end, number = cadence(name, plan), 0.0, 0.0, 0
    while at < duration - 1e-6:
        part = parts[number % len(parts)]
        end = min(duration, at + part.on)
        at, number = at + part.on + part.off, number + 1
    return end
