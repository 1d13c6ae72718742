"""All decoders side by side."""

from __future__ import annotations

from firmware.events import Signal
from firmware.signals.dtmf import DtmfDecoder
from firmware.signals.stream import Floats


class DecoderBank:
    """Feeds every decoder; start and end of its events are samples of the stream it was fed."""

    def __init__(self, rate: int = 8000) -> None:
        self._decoders = [DtmfDecoder(rate)]

    def feed(self, samples: Floats) -> list[Signal]:
        """Take (n,) float32 samples in -1..1; what was heard in them, in order of its end."""
        return self._sorted([one for each in self._decoders for one in each.feed(samples)])

    def flush(self) -> list[Signal]:
        """The stream is over."""
        return self._sorted([one for each in self._decoders for one in each.flush()])

    @staticmethod
    def _sorted(found: list[Signal]) -> list[Signal]:
        return sorted(found, key=lambda signal: (signal.end, signal.start))
