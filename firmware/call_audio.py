"""The running call's audio on its way from the sound card to the archive."""

from __future__ import annotations

from typing import Any

import numpy as np

from firmware.archive.keeper import Keeper
from firmware.archive.recording import Recording
from firmware.audio.frames import Gap, Period
from firmware.audio.ring import PreRollRing
from firmware.config import AudioConfig

TOGETHER_S = 0.06


class CallAudio:
    """`open` is the running recording; `preroll_s`: how much of it is from before the off-hook.

    Raises ArchiveError where the archive refuses.
    """

    def __init__(self, config: AudioConfig, keeper: Keeper, rate: int) -> None:
        self.open: Recording | None = None
        self.preroll_s = 0.0
        self._preroll_wanted_s = config.preroll_s
        self._keeper = keeper
        self._rate = rate
        self._ring = PreRollRing(max(config.preroll_held_s, config.preroll_s), rate)
        self._unwritten: list[Period] = []
        self._next_sample = 0
        self._anchor = (0, 0.0)
        self._saved: dict[str, Any] = {}

    @property
    def flows(self) -> bool:
        """Whether any sound has come since the recorder was started."""
        return self._next_sample > 0

    @property
    def now(self) -> float | None:
        """The monotonic time of the newest sample's end; None where none has come yet."""
        first, at = self._anchor
        return at + (self._next_sample - first) / self._rate if self.flows else None

    def take(self, item: Period | Gap) -> None:
        """The next item of the stream."""
        self._ring.append(item)
        self._next_sample = item.end
        self._write(item)
        self._anchor = (item.first, item.time)

    def begin(self, off_hook: float, record: dict[str, Any], broken_off: bool) -> bool:
        """Record from the off-hook and the pre-roll before it; whether a call that was broken off
        goes on: then all that is held belongs to it."""
        held = self._ring.since(0 if broken_off else self._index_of(off_hook))
        begins = held[0].time if held else off_hook
        record = {**record, "audio_monotonic": begins}
        self.open = self._keeper.resume(record) if broken_off else None
        resumed = self.open is not None
        if self.open is None:
            self.preroll_s = round(max(0.0, off_hook - begins), 3)
            self.open = self._keeper.begin({**record, "preroll_s": self.preroll_s})
        else:
            self.preroll_s = float(self.open.record.get("preroll_s") or 0.0)
        self._saved = self.open.record
        for item in held:
            self._write(item)
        return resumed

    def _index_of(self, off_hook: float) -> int:
        """The stream index with which a recording begins: the pre-roll before the off-hook."""
        first, at = self._anchor
        begins = off_hook - self._preroll_wanted_s
        return max(0, first + round((begins - at) * self._rate))

    def offset_at(self, time: float) -> int | None:
        """The sample of the recording that belongs to this monotonic time; None without one."""
        if self.open is None or (now := self.now) is None:
            return None
        unwritten = sum(len(item.samples) for item in self._unwritten)
        ahead = self.open.frames + unwritten
        return max(0, ahead + round((time - now) * self._rate))

    def note(self, record: dict[str, Any]) -> None:
        """Put what is known of the running call on the medium, where it has changed."""
        if self.open is None:
            return
        record = {**self.open.record, **record, **self.open.own}
        if record != self._saved:
            self._saved = record
            self.open.note(record)

    def _write(self, item: Period | Gap) -> None:
        """Three periods at a time: the writer's thread is woken a third as often."""
        if self.open is None:
            return
        if isinstance(item, Gap):
            self._flush()
            self.open.gap(item.first, item.count, item.reason)
            return
        if self._unwritten and self._unwritten[-1].end != item.first:
            self._flush()
        self._unwritten.append(item)
        if item.end - self._unwritten[0].first >= TOGETHER_S * self._rate:
            self._flush()

    def _flush(self) -> None:
        held, self._unwritten = self._unwritten, []
        if held and self.open is not None:
            samples = [item.samples for item in held]
            whole = np.concatenate(samples) if len(samples) > 1 else samples[0]
            self.open.write(held[0].first, whole)

    def erase(self, record: dict[str, Any]) -> Recording | None:
        """Remove the audio; the recording whose row is to be entered, None where there is none."""
        erased, self.open = self.open, None
        self._unwritten = []
        if erased is not None:
            self._keeper.erase(erased, record)
        return erased

    def finish(self, record: dict[str, Any]) -> str | None:
        """The call is over; the id of its recording, None where it has none."""
        self._flush()
        held, self.open = self.open, None
        if held is None:
            return None
        self._keeper.finish(held, record)
        return held.id
