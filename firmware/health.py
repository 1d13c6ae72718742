"""How the box itself does: voltage, heat, the clock, space on its media, and whether calls come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from firmware.archive import Archive
from firmware.archive.errors import ArchiveError
from firmware.archive.keeper import Trouble
from firmware.archive.notice import NOTICE_DAYS
from firmware.archive.space import days_left
from firmware.archive.volume import Volumes
from firmware.clock import Belief
from firmware.config import Config

TOO_HOT_C = 80.0  # a Raspberry Pi begins to slow down here
CLOCK_PATIENCE_S = 600.0  # NTP has set the clock by then, if it ever does
RESTARTED_S = 86400.0  # a restart is told for a day
LITTLE = 100 * 2**20  # bytes above the reserve


@dataclass(slots=True)
class Health:
    """`look()` tells every alarm of its kinds, with empty words where all is well.

    It asks the media and the catalogue, and may hang with them: it has a thread of its own.
    """

    config: Config
    archive: Archive
    volumes: Volumes
    belief: Callable[[], Belief]
    wall: Callable[[], float]
    clock: Callable[[], float]
    began: float
    restarted: str = ""
    root: Path = Path("/")

    def look(self) -> Iterator[Trouble]:
        """Everything once."""
        now = self.clock()
        yield Trouble("under-voltage", self._voltage())
        yield Trouble("overheating", self._heat())
        yield Trouble("clock-unsure", self._clock_words(now))
        yield Trouble("medium-full", self._space())
        yield Trouble("no-calls", self._calls())
        if self.restarted:
            said = self.restarted if now - self.began < RESTARTED_S else ""
            yield Trouble("restarted", said)

    def _voltage(self) -> str:
        """By the kernel's raspberrypi-hwmon: in0_lcrit_alarm is 1 while the voltage is too low."""
        for sensor in (self.root / "sys/class/hwmon").glob("hwmon*"):
            if _read(sensor / "name") == "rpi_volt" and _read(sensor / "in0_lcrit_alarm") == "1":
                return (
                    "The Raspberry Pi gets too low a voltage: it may stop at any time, and calls"
                    " are not recorded then. Use the power supply that is made for it."
                )
        return ""

    def _heat(self) -> str:
        for zone in (self.root / "sys/class/thermal").glob("thermal_zone*"):
            told = _read(zone / "temp")
            if told.lstrip("-").isdigit() and int(told) / 1000 >= TOO_HOT_C:
                return (
                    f"The Raspberry Pi is {int(told) / 1000:.0f} °C hot and slows down; sound may"
                    " be lost. Let air come to it."
                )
        return ""

    def _clock_words(self, now: float) -> str:
        if self.belief().source != "none" or now - self.began < CLOCK_PATIENCE_S:
            return ""
        return (
            "Nothing has set the box's clock: the dates of calls may be wrong. Lengths and order"
            " are right all the same. Connect the box to the network, or give it a battery clock."
        )

    def _space(self) -> str:
        said = []
        for volume in self.volumes.here():
            try:
                free = volume.free()
                left = days_left(self.archive, volume.id, free)
            except ArchiveError as error:
                said.append(str(error))
                continue
            warn = self.config.retention.warn_days
            keep = 2 * self.config.retention.free_mb * 2**20
            if free < max(LITTLE, keep) or (left is not None and left < warn):
                when = "" if left is None else f", about {left:.0f} days at the present rate"
                said.append(f"{volume.name} has room for {free / 2**20:.0f} MB more{when}.")
        if said and self.config.retention.free_mb:
            said.append(
                f"When this has been told for {NOTICE_DAYS} days, the oldest recordings without a"
                " flag make room; sooner only where new calls would be lost. To keep them, copy"
                " them, flag or hold them, or use a larger medium."
            )
        elif said:
            said.append("When it is full, calls are not recorded any more.")
        return " ".join(said)

    def _calls(self) -> str:
        days = self.config.alarms.no_calls_days
        if not days:
            return ""
        try:
            calls = [one for one in self.archive.calls(limit=50) if one.get("kind") != "blind"]
        except ArchiveError:
            return ""  # that has an alarm of its own
        if not calls:
            return ""
        newest = datetime.fromisoformat(calls[0]["started_at"]).timestamp()
        quiet = (self.wall() - newest) / 86400
        if quiet < days:
            return ""
        return (
            f"No call has come or gone for {quiet:.0f} days. Check that the box is on the line:"
            " call it, and see whether it rings here."
        )


def _read(path: Path) -> str:
    try:
        return path.read_text("ascii", "replace").strip()
    except OSError:
        return ""
