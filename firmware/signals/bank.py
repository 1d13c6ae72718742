"""All decoders side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from firmware.events import DtmfDigit, Signal
from firmware.signals.caller_id import CallerIdDecoder
from firmware.signals.dtmf import DtmfDecoder
from firmware.signals.dtmf_clip import DtmfClipDecoder
from firmware.signals.halve import Halver
from firmware.signals.plan import TonePlan
from firmware.signals.stream import Floats
from firmware.signals.tones import ToneDecoder


class DecoderBank:
    """Feeds every decoder; start and end of its events are samples of the stream it was fed.

    `rate`: 8000 or 16000 samples per second; the decoders themselves hear 8 kHz. `plans`: tone
    plans to know call progress by, the country `own` first.
    """

    def __init__(
        self, rate: int = 8000, plans: Sequence[TonePlan] = (), own: str | None = None
    ) -> None:
        if rate not in (8000, 16000):
            raise ValueError(f"decoders want 8000 or 16000 samples per second, not {rate}")
        self._factor = rate // 8000
        self._halver = Halver()
        self._dtmf = DtmfDecoder()
        self._clip = DtmfClipDecoder()
        self._caller_id = CallerIdDecoder()
        self._tones = ToneDecoder(plans, own)
        self._heard = 0

    def feed(self, samples: Floats) -> list[Signal]:
        """Take (n,) float32 samples in -1..1; what was heard in them, in order of its end."""
        if self._factor == 2:
            samples = self._halver.feed(samples)
        self._heard += len(samples)
        others = self._caller_id.feed(samples) + self._tones.feed(samples)
        return self._told(self._dtmf.feed(samples), others)

    def flush(self) -> list[Signal]:
        """The stream is over."""
        others = self._caller_id.flush() + self._tones.flush()
        digits = self._dtmf.flush()
        self._heard += 2 * 8000  # nothing follows any more
        return self._told(digits, others)

    def _told(self, digits: list[Signal], others: list[Signal]) -> list[Signal]:
        found = [*digits, *others]
        for digit in digits:
            if isinstance(digit, DtmfDigit):
                found += self._clip.feed(digit)
        found += self._clip.expire(self._heard)
        found.sort(key=lambda signal: (signal.end, signal.start))
        if self._factor == 1:
            return found
        return [self._stretched(signal) for signal in found]

    def _stretched(self, signal: Signal) -> Signal:
        return replace(signal, start=2 * signal.start, end=2 * signal.end)
