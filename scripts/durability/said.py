"""What the recorder had said up to an instant, and what of it is not so afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from firmware.archive import Archive
from firmware.archive.recovery import Report
from scripts.durability.workload import RATE, numbers

LOST_S = 1.0


@dataclass(slots=True)
class Said:
    """The marks of a workload up to an instant; see `scripts.durability.workload`."""

    captured: int = 0
    off_hook: int | None = None
    on_hook: int | None = None
    entered: list[str] = field(default_factory=list)
    noted: dict[str, str] = field(default_factory=dict)

    def take(self, line: str) -> None:
        """One mark more."""
        word, *values = line.split()
        match word:
            case "A":
                self.captured = int(values[0])
            case "O":
                self.off_hook, self.on_hook = int(values[0]), None
            case "H":
                self.on_hook = int(values[0])
            case "C":
                self.entered.append(values[0])
                if self.on_hook is not None:
                    self.off_hook = None
            case "N":
                self.noted[values[0]] = f"note {values[1]}"


def first_of(call: dict[str, Any]) -> int:
    """The index of the call's first sample."""
    return round(float(call["audio_monotonic"]) * RATE)


def sound_of(archive: Archive, call: dict[str, Any]) -> NDArray[np.int16]:
    """(n,) samples of its master."""
    with archive.sound(call["id"]).open() as file:
        heard: NDArray[np.int16] = soundfile.read(file, dtype="int16")[0]
    return heard


def true_to_the_line(sound: NDArray[np.int16], call: dict[str, Any]) -> bool:
    """Whether each sample is the one that was on the line, and each gap is silent."""
    wanted = numbers(first_of(call), len(sound))
    for gap in call.get("gaps") or []:
        wanted[gap["offset"] : gap["offset"] + gap["count"]] = 0
    return bool(np.array_equal(sound, wanted))


def faults(archive: Archive, report: Report, said: Said, lost_s: float = LOST_S) -> Iterator[str]:
    """What is not as it was promised; `lost_s`: what may be lost of a running call."""
    if report.set_aside or archive.check():
        yield f"a torn catalogue: {report.set_aside or archive.check()}"
    if report.trouble or report.damaged:
        yield f"recovery said: {report.words()}"
    calls = {call["id"]: call for call in archive.calls(limit=10000)}
    for call_id in said.entered:
        call = calls.get(call_id)
        if call is not None and call["kind"] == "blind":
            continue
        if call is None or not call["audio"]:
            yield f"the entered call {call_id} is lost"
        elif not true_to_the_line(sound := sound_of(archive, call), call):
            yield f"the entered call {call_id} is changed"
        elif len(sound) != call["frames_expected"]:
            yield f"the entered call {call_id} is shorter"
    for call_id, note in said.noted.items():
        if calls.get(call_id, {}).get("note") != note:
            yield f"the acknowledged {note} is lost"
    sequences = sorted(call["sequence"] for call in calls.values())
    if sequences != list(range(1, len(sequences) + 1)):
        yield f"sequence numbers {sequences}"
    yield from _running(archive, calls, said, lost_s)


def _running(
    archive: Archive, calls: dict[str, dict[str, Any]], said: Said, lost_s: float
) -> Iterator[str]:
    """The call that was running, or was over and not yet entered."""
    if said.off_hook is None:
        return
    end = said.captured if said.on_hook is None else said.on_hook
    kept = said.off_hook
    for call in calls.values():
        if call["id"] in said.entered or not call["audio"]:
            continue
        sound = sound_of(archive, call)
        if not true_to_the_line(sound, call):
            yield "the running call has samples that were never captured"
        if first_of(call) <= said.off_hook:
            kept = max(kept, first_of(call) + len(sound))
    lost = (end - kept) / RATE
    if lost > lost_s:
        yield f"{lost:.2f} s of the running call are lost"
