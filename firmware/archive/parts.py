"""The files of one running recording, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from firmware.archive.lane import Lane
from firmware.archive.part import Part, PartFacts


class Parts:
    """`earlier`: those that the recorder wrote before it was restarted, in the same call."""

    def __init__(self, earlier: tuple[PartFacts, ...] = ()) -> None:
        self._earlier = earlier
        self._parts: list[Part] = []
        self._empty: list[Part] = []  # given up; whatever their files hold is in others too

    def __iter__(self) -> Iterator[Part]:
        return iter(self._parts)

    def __getitem__(self, number: int) -> Part:
        return self._parts[number]

    @property
    def last(self) -> Part | None:
        """The newest; it may have failed."""
        return self._parts[-1] if self._parts else None

    @property
    def open(self) -> Part | None:
        """The newest, where more can be written to it."""
        part = self.last
        return None if part is None or part.error is not None or part.ending else part

    def add(self, part: Part) -> None:
        """A new file is begun."""
        self._parts.append(part)

    def give_up(self, part: Part) -> None:
        """Nothing more is done with it; one that holds nothing is no part of the call."""
        part.leave()
        if part.confirmed == part.offset:
            self._parts.remove(part)
            if part.made:
                self._empty.append(part)

    def facts(self, end: int) -> list[PartFacts]:
        """The files of which the call, of `end` samples, is made; without those that hold
        nothing."""
        found = list(self._earlier)
        ends = [*(part.offset for part in self._parts[1:]), end]
        for part, stop in zip(self._parts, ends, strict=False):
            frames = min(stop, part.confirmed) - part.offset
            if frames > 0:
                found.append(PartFacts(part.volume.id, part.base.name, part.offset, frames))
        return found

    def bases(self) -> list[tuple[str, Path]]:
        """Every file that was begun and may be there: volume id and path without ending."""
        return [(part.volume.id, part.base) for part in [*self._empty, *self._parts]]

    def erase(self, lane: Callable[[], Lane]) -> None:
        """Have the audio removed, by a `lane` of its own where the file's own has ended."""
        still = self.open
        for part in [*self._empty, *self._parts]:
            part.erase(None if part is still else lane())
