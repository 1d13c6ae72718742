"""A keeper that is fed numbered samples, so that each sample can be told from the others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from firmware.archive import Archive
from firmware.archive.keeper import Entered, Happened, Keeper
from firmware.archive.recording import Recording
from firmware.archive.vault import Vault
from firmware.archive.volume import Volumes

RATE = 8000
STEP = 160
RECORD: dict[str, Any] = {
    "line": "1",
    "kind": "call",
    "direction": "incoming",
    "outcome": "answered",
    "number": "+48221234567",
    "started_at": "2026-03-04T05:06:07.000+00:00",
    "rate": RATE,
    "answered": True,
}


def numbers(count: int, first: int = 0) -> NDArray[np.int16]:
    """(count,) samples that tell their own place."""
    return ((np.arange(first, first + count) * 7919) % 30011).astype(np.int16)


class Feed:
    """One keeper, and calls of numbered samples through it."""

    def __init__(
        self, volumes: Volumes | Path, threads: bool = False, vault: Vault | None = None
    ) -> None:
        if isinstance(volumes, Path):
            volumes = Volumes(volumes, vault=vault)
        self.archive = Archive(volumes.home.root, vault=volumes.vault)
        self.keeper = Keeper(self.archive, volumes, threads=threads)
        self.keeper.start()
        self.happened: list[Happened] = self.keeper.poll()

    def begin(self, **facts: Any) -> Recording:
        return self.keeper.begin({**RECORD, **facts})

    def feed(self, held: Recording, seconds: float) -> None:
        """In periods, as the recorder does it."""
        for _ in range(round(seconds * RATE / STEP)):
            held.write(held.frames, numbers(STEP, held.frames))
            self.happened += self.keeper.poll()

    def finish(self, held: Recording, **facts: Any) -> dict[str, Any]:
        self.keeper.finish(held, {**RECORD, **facts})
        self.happened += self.keeper.poll()
        return self.entered(held.id)

    def entered(self, call_id: str) -> dict[str, Any]:
        [*_, record] = [
            one.record
            for one in self.happened
            if isinstance(one, Entered) and one.record["id"] == call_id
        ]
        return record

    def call(self, seconds: float = 2.0, **facts: Any) -> dict[str, Any]:
        held = self.begin(**facts)
        self.feed(held, seconds)
        return self.finish(held, **facts)

    def sound(self, call_id: str) -> NDArray[np.int16]:
        with self.archive.sound(call_id).open() as file:
            heard: NDArray[np.int16] = soundfile.read(file, dtype="int16")[0]
        return heard
