"""A running recording: samples go in and are held until a medium has confirmed them.

When a medium fails, fills, is pulled out or does not answer, the recording goes on to another one:
everything that was not confirmed is written again to a new file there. The files are parts of one
call. All of this is one thread's work (`write`, `gap`, `poll`, `close`); only the parts' own lanes
touch the media, so a medium that hangs holds nobody up.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firmware.archive.errors import ArchiveError
from firmware.archive.gaps import NOT_STORED, Gap, end_of, lost
from firmware.archive.lane import Lane
from firmware.archive.part import Part, PartFacts
from firmware.archive.quality import Levels
from firmware.archive.volume import Volumes

if TYPE_CHECKING:  # the page opens the archive too, and does without numpy
    from firmware.audio.frames import Samples

STALL_S = 1.5  # a medium that confirmed nothing for so long is left, if there is another
RETRY_S = 0.5
KEPT_S = 600.0  # samples wait in memory for a medium for so long
PART_BYTES = 2**30  # of PCM: far below what FAT32 and a WAV header can hold
SILENCE = bytes(16000)


class Recording:
    """One call's audio. Stream indices go in as they come; what is missing is a gap of silence.

    `lane` makes a lane for each part; `clock` gives monotonic seconds, for waiting only.
    `earlier`, `offset`, `gaps`: the parts of the same call that the recorder wrote before it was
    restarted, where it goes on, and what is missing up to there; `number`: of the next part, which
    no file has yet.
    """

    def __init__(
        self,
        record: dict[str, Any],
        volumes: Volumes,
        lane: Callable[[], Lane],
        clock: Callable[[], float],
        earlier: tuple[PartFacts, ...] = (),
        offset: int = 0,
        number: int = 0,
        gaps: tuple[Gap, ...] = (),
    ) -> None:
        self.record = record
        self.trouble = ""
        self.slow = ""
        self.part_frames = PART_BYTES // 2
        self._volumes = volumes
        self._lane = lane
        self._clock = clock
        self._rate = int(record["rate"])
        self._earlier = earlier
        self._number = number
        self._parts: list[Part] = []
        self._next: int | None = None
        self._frames = offset
        self._gaps: list[Gap] = [dict(gap) for gap in gaps]
        self._lost = lost(self._gaps)
        self._hash = None if earlier else hashlib.sha256()
        self.levels = Levels(self._rate)
        self._pending: deque[tuple[int, bytes]] = deque()
        self._moved = clock()
        self._retry = 0.0
        self._closing = False
        self._erased = False
        self._begin_part()

    @property
    def id(self) -> str:
        """The call's id."""
        return str(self.record["id"])

    @property
    def own(self) -> dict[str, Any]:
        """What the recording itself knows, and nobody changes."""
        keys = ("id", "sequence", "line", "started_at", "started_monotonic", "audio_monotonic")
        clock = ("boot_id", "clock_source", "clock_error_s")
        kept = (*keys, *clock, "sealed")
        known = {key: self.record[key] for key in kept if key in self.record}
        return known | ({"gaps": self._in_order()} if self._gaps else {})

    def _in_order(self) -> list[Gap]:
        return [dict(gap) for gap in sorted(self._gaps, key=lambda gap: int(gap["offset"]))]

    @property
    def frames(self) -> int:
        """Samples so far, gaps among them."""
        return self._frames

    @property
    def waiting_s(self) -> float:
        """Seconds of sound that no medium has confirmed yet."""
        return sum(len(data) for _, data in self._pending) / 2 / self._rate

    def write(self, first: int, samples: Samples) -> None:
        """Store (n,) int16 samples that begin at stream index `first`."""
        if self._next is not None and first < self._next:
            samples = samples[self._next - first :]
            first = self._next
        if self._next is not None and first > self._next:
            self.gap(self._next, first - self._next, "missing")
        self.levels.add(samples)
        self._take(first, samples.astype("<i2").tobytes())

    def gap(self, first: int, count: int, reason: str) -> None:
        """Store silence for `count` lost samples, and remember that they were lost."""
        if self._next is not None and first < self._next:
            count -= self._next - first
            first = self._next
        if count <= 0:
            return
        self._gaps.append({"offset": self._frames, "count": count, "reason": reason})
        self._lost += count
        for start in range(0, count, len(SILENCE) // 2):  # hours of it must not fill the memory
            self._take(first + start, SILENCE[: 2 * (count - start)])

    def _take(self, first: int, data: bytes) -> None:
        count = len(data) // 2
        self._next = first + count
        if self._hash is not None:
            self._hash.update(data)
        if not self._pending:
            self._moved = max(self._moved, self._clock())
        self._pending.append((self._frames, data))
        self._frames += count
        if self._parts and self._alive(self._parts[-1]):
            self._parts[-1].append(data)
        self.poll()

    @staticmethod
    def _alive(part: Part) -> bool:
        return part.error is None and not part.ending

    def poll(self) -> bool:
        """See how the medium does, and go on to another where it must be; true once closed."""
        if self._erased:
            return True
        now = self._clock()
        part = self._parts[-1] if self._parts else None
        if part is None or part.error is not None:
            self._change(part, now)
            return False
        self._forget(part.confirmed, now)
        if part.closed:
            if not self._pending and self._closing:
                return True
            self._begin_part()
        elif part.ending and not self._closing:
            return False  # a new part begins when this one is closed
        elif self._pending and now - self._moved > STALL_S:
            if self._volumes.best(now, but=part.volume) is not None:
                part.error = ArchiveError(f"{part.volume.name} does not answer")
                part.leave()
                self._change(part, now)
            else:
                self.slow = (
                    f"{part.volume.name} is slow: nothing was confirmed for"
                    f" {now - self._moved:.0f} s. The call is held in memory meanwhile."
                )
                self._drop_oldest()
        elif self._frames - part.offset >= self.part_frames and not self._closing:
            part.close()
        return False

    def _forget(self, confirmed: int, now: float) -> None:
        """Let go of what is on the medium."""
        while self._pending and self._pending[0][0] + len(self._pending[0][1]) // 2 <= confirmed:
            self._pending.popleft()
            self._moved = now
            self.trouble = self.slow = ""

    def _change(self, failed: Part | None, now: float) -> None:
        """Go on to another volume, or try the same one again with a new file."""
        if now < self._retry:
            return
        self._retry = now + RETRY_S
        if failed is not None:
            self.trouble = f"{failed.error}"
            failed.leave()
            self._volumes.avoid(failed.volume, now)
        self._drop_oldest()
        self._begin_part()

    def _drop_oldest(self) -> None:
        """No medium took them for very long: memory has an end. They are a gap."""
        limit = round(KEPT_S * self._rate)
        while self._pending and self._frames - self._pending[0][0] > limit:
            offset, data = self._pending[0]
            reason = f"{NOT_STORED}: {self.trouble}"
            self._pending[0] = (offset, b"")
            self._pending.popleft()
            count = len(data) // 2
            last = self._gaps[-1] if self._gaps else None
            if last and last["reason"] == reason and end_of(last) == offset:
                last["count"] += count
            else:
                self._gaps.append({"offset": offset, "count": count, "reason": reason})
            self._lost += count
            self._hash = None

    def _begin_part(self) -> None:
        """A new file that begins with the first sample that no medium has confirmed."""
        now = self._clock()
        volume = self._volumes.best(now)
        if volume is None:
            volume = min(self._volumes.here(), key=lambda one: one.avoided_until)
        offset = self._pending[0][0] if self._pending else self._frames
        number = self._number + len(self._parts)
        part = Part(volume, self.record, number, offset, self._lane(), self._volumes.vault)
        self._parts.append(part)
        self._moved = now
        for _, data in self._pending:
            part.append(data)
        if self._closing:
            part.close()

    def note(self, record: dict[str, Any]) -> None:
        """More is known of the call: a crash shall find it."""
        self.record = {**self.record, **record, **self.own}
        if self._parts and self._alive(self._parts[-1]):
            self._parts[-1].note(self.record)

    def close(self) -> None:
        """No more samples come; `poll` says when all of it is on a medium."""
        self._closing = True
        if self._parts and self._alive(self._parts[-1]):
            self._parts[-1].close()

    def erase(self) -> None:
        """Remove the audio."""
        self._erased = True
        self._pending.clear()
        for part in self._parts:
            part.erase(None if self._alive(part) else self._lane())

    def facts(self) -> dict[str, Any]:
        """What was stored. Frames are samples; a gap's frames are silence."""
        facts: dict[str, Any] = {
            "frames_expected": self._frames,
            "frames_stored": self._frames - self._lost,
            "clipped": self.levels.clipped,
            "gaps": self._in_order(),
            "levels": self.levels.facts(),
            "parts": [asdict(part) for part in self.parts()],
        }
        if self._hash is not None:
            facts["sha256_pcm"] = self._hash.hexdigest()
        return facts

    def parts(self) -> list[PartFacts]:
        """The files of which the call is made, in order; those that hold nothing are left out."""
        found = list(self._earlier)
        for part, after in zip(self._parts, [*self._parts[1:], None], strict=True):
            end = self._frames if after is None else after.offset
            frames = min(end, part.confirmed) - part.offset
            if frames > 0:
                found.append(PartFacts(part.volume.id, part.base.name, part.offset, frames))
        return found

    def bases(self) -> list[tuple[str, Path]]:
        """Every file that was begun: volume id and path without ending."""
        return [(part.volume.id, part.base) for part in self._parts]
