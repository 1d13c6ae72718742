"""A box with a key and a log, and an archive with its evidence, on clocks that the test turns."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from firmware.evidence.entries import Moment
from firmware.evidence.evidence import Evidence
from firmware.evidence.key import BoxKey
from firmware.evidence.log import EventLog
from tests.archive.support import Feed

RECORD = {
    "line": "1",
    "direction": "incoming",
    "outcome": "answered",
    "number": "+48221234567",
    "name": "Anna Nowak",
    "started_at": "2026-03-04T05:06:07.000+00:00",
    "rate": 8000,
    "answered": True,
}


@dataclass
class Clocks:
    """What the box's clocks show; every look takes a second."""

    wall: float = 1_772_600_767.0
    monotonic: float = 100.0
    boot: str = "boot-1"
    source: str = "ntp"

    def pass_by(self, seconds: float) -> None:
        self.wall += seconds
        self.monotonic += seconds

    def reboot(self, away: float = 60.0) -> None:
        self.wall += away
        self.monotonic = 5.0
        self.boot = f"boot-{int(self.boot[5:]) + 1}"

    def __call__(self) -> Moment:
        self.pass_by(1.0)
        return Moment(self.wall, self.monotonic, self.boot, self.source)


@dataclass
class Box:
    """`log()` opens the log anew, as another process does."""

    folder: Path
    key: BoxKey
    clocks: Clocks
    log: Callable[[], EventLog]


@pytest.fixture
def box(tmp_path: Path) -> Box:
    """A box before its first entry."""
    key = BoxKey.ensure(tmp_path / "state")
    clocks = Clocks()
    folder = tmp_path / "log"
    return Box(folder, key, clocks, lambda: EventLog(folder, key, clocks))


class Kept:
    """An archive with its evidence on clocks that the test turns."""

    def __init__(self, folder: Path) -> None:
        self.feed = Feed(folder)
        self.archive = self.feed.archive
        self.clocks = Clocks()
        self.evidence = Evidence(self.archive, folder / ".state", self.clocks)

    def call(self) -> str:
        return str(self.feed.call(1.0, **RECORD)["id"])


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path / "calls")
