"""The decoders over the recorder's stream: periods and gaps in, signals with their times out."""

from __future__ import annotations

import numpy as np

from firmware.audio.frames import Gap, Period
from firmware.events import Heard, Signal
from firmware.plans import load_plans
from firmware.signals.bank import DecoderBank
from firmware.signals.stream import Floats

BATCH_S = 0.2  # decoders cost a fraction of what they cost period by period
BRIDGED_S = 2.0  # a longer gap ends whatever was being heard


class Hearing:
    """Times are those of the stream: a signal is placed by its samples, however late it is told.

    `rate`: 8000 or 16000 samples per second; `country`: whose tone plan comes first.
    """

    def __init__(self, rate: int, country: str) -> None:
        self._rate = rate
        self._country = country
        self._plans = load_plans(country)
        self._bank = self._fresh()
        self._base: int | None = None
        self._held: list[Floats] = []
        self._count = 0
        self._anchor = (0, 0.0)

    def _fresh(self) -> DecoderBank:
        return DecoderBank(self._rate, self._plans, self._country)

    def feed(self, item: Period | Gap) -> list[Heard]:
        """Take the next item of the stream; what is known to have been heard by now."""
        found: list[Heard] = []
        if self._base is None:
            self._base = item.first
        if isinstance(item, Gap):
            if item.count > BRIDGED_S * self._rate:
                found = self._decode() + self._placed(self._bank.flush())
                self._bank, self._base = self._fresh(), item.end
                return found
            samples: Floats = np.zeros(item.count, np.float32)
        else:
            samples = item.samples.astype(np.float32) / np.float32(32768.0)
        self._anchor = (item.first, item.time)
        self._held.append(samples)
        self._count += len(samples)
        return self._decode() if self._count >= BATCH_S * self._rate else found

    def _decode(self) -> list[Heard]:
        held, self._held, self._count = self._held, [], 0
        if not held:
            return []
        return self._placed(self._bank.feed(np.concatenate(held)))

    def _placed(self, signals: list[Signal]) -> list[Heard]:
        first, at = self._anchor
        base = (self._base or 0) - first
        return [
            Heard(
                at + (base + signal.start) / self._rate,
                signal,
                at + (base + signal.end) / self._rate,
            )
            for signal in signals
        ]
