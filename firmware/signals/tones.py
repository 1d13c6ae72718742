"""Everything that is told from steady tones, on one look at the stream: progress and alerting."""

from __future__ import annotations

from collections.abc import Sequence

from firmware.events import Signal
from firmware.signals.alerting import AlertingDecoder
from firmware.signals.blocks import Blocks, BlockStream
from firmware.signals.plan import TonePlan
from firmware.signals.progress import ProgressDecoder
from firmware.signals.steady import BANDS, SteadyTones
from firmware.signals.stream import Floats


class ToneDecoder:
    """`plans`: tone plans, that of the country `own` (as the plans write it) decides first."""

    def __init__(self, plans: Sequence[TonePlan] = (), own: str | None = None) -> None:
        self._stream = BlockStream(BANDS)
        self._steady = SteadyTones(self._stream)
        self._progress = ProgressDecoder(plans, own)
        self._alerting = AlertingDecoder(self._stream)
        self._next = 0

    def feed(self, samples: Floats) -> list[Signal]:
        """Take (n,) float32 samples in -1..1 at 8 kHz; the tones that they make known."""
        return [signal for blocks in self._stream.feed(samples) for signal in self._take(blocks)]

    def flush(self) -> list[Signal]:
        """The stream is over."""
        found = [signal for blocks in self._stream.flush() for signal in self._take(blocks)]
        found += self._alerting.flush(self._next)
        return found + self._progress.flush(self._steady.flush())

    def _take(self, blocks: Blocks) -> list[Signal]:
        self._next = blocks.first + len(blocks.power)
        alerts = self._alerting.take(blocks)
        return alerts + self._progress.take(blocks, self._steady.take(blocks))
