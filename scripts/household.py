"""A week of a household on its line, for pictures, tests and benchmarks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from firmware.archive import Archive
from firmware.archive.keeper import Keeper
from firmware.archive.people import People, Person

ROOT = Path(__file__).resolve().parent.parent


def voice(name: str) -> np.ndarray[Any, np.dtype[np.int16]]:
    """A recorded voice of the simulator, at 8 kHz."""
    samples, _ = soundfile.read(ROOT / f"firmware/simulator/voices/{name}.flac", dtype="int16")
    return np.asarray(samples)


def talk(*names: str) -> np.ndarray[Any, np.dtype[np.int16]]:
    """Voices one after the other, with the pauses of a conversation."""
    pause = np.zeros(6000, np.int16)
    return np.concatenate([part for name in names for part in (voice(name), pause)])


def recorded(archive: Archive, sound: np.ndarray[Any, np.dtype[np.int16]], **facts: Any) -> str:
    """A call with audio."""
    record = {
        "line": "1",
        "kind": "call",
        "direction": "incoming",
        "outcome": "answered",
        "answered": True,
        "rate": 8000,
        "preroll_s": 2.0,
        "rings": 2,
        "firmware": "0.1.0",
        "duration_s": round(len(sound) / 8000 - 2, 1),
        **facts,
    }
    keeper = Keeper(archive)
    held = keeper.begin(record)
    held.write(0, sound)
    keeper.finish(held, record)
    return held.id


def fill(root: Path) -> str:
    """A week of a household; the id of the call that is shown."""
    archive = Archive(root)
    now = datetime.now(UTC).replace(minute=12, second=40, microsecond=0)

    def ago(hours: float) -> dict[str, str]:
        return {"started_at": (now - timedelta(hours=hours)).isoformat(timespec="milliseconds")}

    def missed(hours: float, **facts: Any) -> None:
        archive.add_row(
            {"line": "1", "kind": "call", "direction": "incoming", "outcome": "missed"}
            | {
                "answered": False,
                "rings": 4,
                "duration_s": 0.0,
                "rate": 8000,
                **ago(hours),
                **facts,
            }
        )

    owner, collector = talk("pl-owner-hello", "pl-collector", "pl-owner"), talk("pl-collector")
    recorded(archive, owner, number="586201142", name="INKASO PLUS", **ago(170))
    missed(150, number="501502503")
    recorded(archive, collector, number="501502503", direction="outgoing", **ago(149))
    recorded(archive, talk("en-owner", "en-collector"), number="+442079460018", **ago(121))
    archive.add_row(
        {"line": "1", "kind": "blind", "direction": "", "outcome": "blind", "answered": False}
        | {"cause": "off", "duration_s": 754.0, **ago(98)}
    )
    cut = recorded(archive, collector, number="587654321", preroll_s=0.0, **ago(80))
    archive.note(cut, "?")
    missed(74, number=None, number_absent="withheld")
    flagged = recorded(archive, owner, number="221234567", name="Łucja Żółkiewska", **ago(51))
    archive.flag(flagged, True)
    private = {"private": True, "outcome": "private", "answered": True, "audio": None}
    archive.add_row(
        {"line": "1", "kind": "call", "direction": "outgoing", "rate": 8000, "duration_s": 312.0}
        | {"number": "226219810", **private, **ago(49)}
    )
    shown = recorded(
        archive,
        np.concatenate((owner, collector, owner)),
        number="586201142",
        name="INKASO PLUS",
        flags=[31.2],
        tones=[
            {"kind": "dtmf", "digit": "5", "offset": 12.0},
            {"kind": "dtmf", "digit": "1", "offset": 12.6},
        ],
        hook_events=[{"kind": "flash", "offset": 48.0}],
        **ago(26),
    )
    archive.flag(shown, True)
    archive.hold(shown, True, "owner", "sprawa sądowa")
    archive.note(shown, "Grozili komornikiem. Poproszeni o kontakt na piśmie.")
    missed(6, number="600100200", name="DR KOWALSKI")
    recorded(archive, talk("pl-owner-hello", "pl-owner"), number="221234567", **ago(5))
    recorded(archive, collector, number="586201142", name="INKASO PLUS", **ago(2))
    recorded(archive, owner, number="501502503", direction="outgoing", **ago(1))
    people = People(root / "people.json")
    people.put(Person("", "Mama", ("+48 501 502 503",)))
    people.put(Person("", "Dr Anna Kowalska", ("600 100 200", "22 621 98 10"), "never"))
    people.put(Person("", "Inkaso Plus", ("58 620 11 42",), "hold"))
    return shown
