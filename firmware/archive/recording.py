"""A running recording: samples go in and are held until a medium has confirmed them.

When a medium fails, fills, is pulled out or does not answer, the recording goes on to another one:
everything that was not confirmed is written again to a new file there. The files are parts of one
call. Where no medium takes them, samples wait in memory (see `firmware.archive.waiting`). All of
this is one thread's work (`write`, `gap`, `poll`, `close`); only the parts' own lanes touch the
media, so a medium that hangs holds nobody up.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firmware.archive.backlog import Backlog
from firmware.archive.errors import ArchiveError
from firmware.archive.gaps import NOT_STORED, Gap, grown, lost
from firmware.archive.lane import Lane
from firmware.archive.part import Part, PartFacts
from firmware.archive.parts import Parts
from firmware.archive.quality import Levels
from firmware.archive.volume import Volumes
from firmware.archive.waiting import Waiting

if TYPE_CHECKING:  # the page opens the archive too, and does without numpy
    from firmware.audio.frames import Samples

STALL_S = 1.5  # a medium that confirmed nothing for so long is left, if there is another
RETRY_S = 0.5  # and twice as long after each try that failed
RETRY_MOST_S = 30.0
PART_BYTES = 2**30  # of PCM: far below what FAT32 and a WAV header can hold
SILENCE = bytes(16000)
OWN = (
    *("id", "sequence", "line", "started_at", "started_monotonic", "audio_monotonic"),
    *("boot_id", "clock_source", "clock_error_s", "sealed"),
)


class Recording:
    """One call's audio. Stream indices go in as they come; what is missing is a gap of silence.

    `lane` makes a lane for each part; `clock` gives monotonic seconds, for waiting only; `waiting`
    bounds what all calls hold in memory. `flagged`: the owner marked the call.
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
        waiting: Waiting,
        earlier: tuple[PartFacts, ...] = (),
        offset: int = 0,
        number: int = 0,
        gaps: tuple[Gap, ...] = (),
    ) -> None:
        self.record = record
        self.trouble = ""
        self.slow = ""
        self.flagged = False
        self.over = False
        self.part_frames = PART_BYTES // 2
        self._volumes = volumes
        self._lane = lane
        self._clock = clock
        self._waiting = waiting
        self.rate = int(record["rate"])
        self._number = number
        self._parts = Parts(earlier)
        self._next: int | None = None
        self._frames = offset
        self._gaps: list[Gap] = [dict(gap) for gap in gaps]
        self._hash = None if earlier else hashlib.sha256()
        self.levels = Levels(self.rate)
        self._pending = Backlog()
        self._moved = clock()
        self._retry = 0.0
        self._tries = 0
        self._begun = 0
        self._erased = False
        waiting.join(self)
        self._begin_part()

    @property
    def id(self) -> str:
        """The call's id."""
        return str(self.record["id"])

    @property
    def own(self) -> dict[str, Any]:
        """What the recording itself knows, and nobody changes."""
        known = {key: self.record[key] for key in OWN if key in self.record}
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
        return self._pending.bytes / 2 / self.rate

    @property
    def waiting_bytes(self) -> int:
        """The same in bytes."""
        return self._pending.bytes

    @property
    def moving(self) -> bool:
        """Whether a medium takes it just now."""
        part = self._parts.last
        return bool(part and not part.error) and self._clock() - self._moved <= STALL_S

    @property
    def failed(self) -> bool:
        """Whether a medium failed it, and none has confirmed anything since."""
        return self._tries > 0

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
            count, first = count - (self._next - first), self._next
        if count <= 0:
            return
        self._gaps.append({"offset": self._frames, "count": count, "reason": reason})
        for start in range(0, count, len(SILENCE) // 2):  # hours of it must not fill the memory
            self._take(first + start, SILENCE[: 2 * (count - start)])

    def _take(self, first: int, data: bytes) -> None:
        count = len(data) // 2
        self._next = first + count
        if self._hash is not None:
            self._hash.update(data)
        if not self._pending:
            self._moved = max(self._moved, self._clock())
        self._waiting.keep_within(len(data))
        self._pending.add(self._frames, data)
        self._frames += count
        if (part := self._parts.open) is not None:
            part.append(data)
        self.poll()

    def poll(self) -> bool:
        """See how the medium does, and go on to another where it must be; true once closed."""
        if self._erased:
            return True
        now = self._clock()
        part = self._parts.last
        if part is None or part.error is not None:
            return self._go_on(part, now)
        self._forget(part.confirmed, now)
        if part.closed:
            if not self._pending and self.over:
                self._waiting.leave(self)
                return True
            self._begin_part()
        elif part.ending and not self.over:
            return False  # a new part begins when this one is closed
        elif self._pending and now - self._moved > STALL_S:
            if self._volumes.best(now, but=part.volume) is not None:
                self._give_up(part)
                self._go_on(part, now)
            else:
                self.slow = (
                    f"{part.volume.name} is slow: nothing was confirmed for"
                    f" {now - self._moved:.0f} s. The call is held in memory meanwhile."
                )
        elif self._frames - part.offset >= self.part_frames and not self.over:
            part.close()
        return False

    def _forget(self, confirmed: int, now: float) -> None:
        """Let go of what is on the medium."""
        if self._pending.confirmed(confirmed):
            self._moved = now
            self._tries = 0
            self.trouble = self.slow = ""

    @staticmethod
    def _give_up(part: Part) -> None:
        part.error = ArchiveError(f"{part.volume.name} does not answer")

    def _go_on(self, failed: Part | None, now: float) -> bool:
        """Go on to another volume, or try the same one again with a new file, ever less often;
        true where the call is over and nothing of it waits any more."""
        if failed is not None:
            self._leave(failed, now)
        if self.over and not self._pending:
            self._waiting.leave(self)
            return True
        if now < self._retry and self._volumes.best(now) is None:
            return False
        self._retry = now + min(RETRY_MOST_S, RETRY_S * 2.0**self._tries)
        self._tries = min(self._tries + 1, 16)
        self._begin_part()
        return False

    def _leave(self, failed: Part, now: float) -> None:
        """Once for each part that failed."""
        if failed.left:
            return
        self._forget(failed.confirmed, now)
        self.trouble = f"{failed.error}"
        self._parts.give_up(failed)
        self._volumes.avoid(failed.volume, now)

    def settle(self) -> None:
        """Let go of what the medium has confirmed meanwhile."""
        if (part := self._parts.last) is not None:
            self._forget(part.confirmed, self._clock())

    def shed(self, count: int) -> int:
        """Let the oldest samples go, `count` bytes or a little more: they are a gap. A medium that
        was given them and does not answer is left: it holds on to their memory."""
        if (part := self._parts.last) is not None and part.error is None:
            self._give_up(part)
            self._leave(part, self._clock())
        before = self._pending.bytes
        if before:
            self._gaps = grown(self._gaps, *self._pending.shed(count), NOT_STORED)
            self._hash = None
        return before - self._pending.bytes

    def _begin_part(self) -> None:
        """A new file that begins with the first sample that no medium has confirmed."""
        now = self._clock()
        volume = self._volumes.best(now) or self._volumes.least_bad()
        if volume is None:
            self.trouble = "No medium answers. The call is held in memory meanwhile."
            return
        offset = self._pending.begins if self._pending else self._frames
        number = self._number + self._begun
        self._begun += 1
        part = Part(volume, self.record, number, offset, self._lane(), self._volumes.vault)
        self._parts.add(part)
        self._moved = now
        for data in self._pending:
            part.append(data)
        if self.over:
            part.close()

    def note(self, record: dict[str, Any]) -> None:
        """More is known of the call: a crash shall find it."""
        self.record = {**self.record, **record, **self.own}
        self.flagged = bool(record.get("flagged"))
        if (part := self._parts.open) is not None:
            part.note(self.record)

    def close(self) -> None:
        """No more samples come; `poll` says when all of it is on a medium."""
        self.over = True
        if (part := self._parts.open) is not None:
            part.close()

    def erase(self) -> None:
        """Remove the audio."""
        self._erased = True
        self._waiting.leave(self)
        self._pending.clear()
        self._parts.erase(self._lane)

    def facts(self) -> dict[str, Any]:
        """What was stored. Frames are samples; a gap's frames are silence."""
        facts: dict[str, Any] = {
            "frames_expected": self._frames,
            "frames_stored": self._frames - lost(self._gaps),
            "clipped": self.levels.clipped,
            "gaps": self._in_order(),
            "levels": self.levels.facts(),
            "parts": [asdict(part) for part in self._parts.facts(self._frames)],
        }
        if self._hash is not None:
            facts["sha256_pcm"] = self._hash.hexdigest()
        return facts

    def bases(self) -> list[tuple[str, Path]]:
        """Every file that was begun: volume id and path without ending."""
        return self._parts.bases()
