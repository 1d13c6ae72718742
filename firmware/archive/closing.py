"""Calls that are over and not yet on a medium."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from firmware.archive.recording import Recording


@dataclass(eq=False, slots=True)
class _Closing:
    recording: Recording
    record: dict[str, Any]


class Closing:
    """In the order in which they ended. One thread's work; `ids` may be asked from any."""

    def __init__(self) -> None:
        self._calls: list[_Closing] = []

    def __bool__(self) -> bool:
        return bool(self._calls)

    def __iter__(self) -> Iterator[tuple[Recording, dict[str, Any]]]:
        return ((one.recording, one.record) for one in self._calls)

    def let_go(self) -> None:
        """Their sound waits no more; their rows will say that it is missing."""
        for one in self._calls:
            one.recording.shed(one.recording.waiting_bytes)

    def add(self, recording: Recording, record: dict[str, Any]) -> None:
        """No more samples come; `record` is what is known of the call now."""
        recording.flagged = bool(record.get("flagged"))
        self._calls.append(_Closing(recording, record))
        recording.close()

    def flag(self, call_id: str) -> bool:
        """Whether it is among them; its sound then waits longest for a medium."""
        found = [one.recording for one in self._calls if one.recording.id == call_id]
        for recording in found:
            recording.flagged = True
        return bool(found)

    def ids(self) -> list[str]:
        """Which calls they are."""
        return [one.recording.id for one in list(self._calls)]

    @property
    def trouble(self) -> str:
        """Why the one that tries has no medium."""
        return next((one.recording.trouble for one in self._calls if one.recording.trouble), "")

    def poll(self) -> Iterator[tuple[dict[str, Any], tuple[Path, ...]]]:
        """Those that are closed now: the whole record, and every file that was begun.

        Of calls that a medium failed only the oldest tries again: hundreds would be in the way of
        each other and of the call that runs.
        """
        one_tries = False
        for one in list(self._calls):
            recording = one.recording
            if recording.failed and recording.waiting_bytes:
                if one_tries:
                    continue
                one_tries = True
            if recording.poll():
                self._calls.remove(one)
                bases = tuple(base for _, base in recording.bases())
                yield {**one.record, **recording.facts()}, bases
