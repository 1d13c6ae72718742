"""What the box itself does is looked at, and told in words."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from firmware.archive import Archive
from firmware.archive.volume import Volume, Volumes
from firmware.clock import NOT_BELIEVED, Belief
from firmware.config import AlarmsConfig, Config, RetentionConfig
from firmware.health import Health
from tests.archive.support import RECORD

NOW = datetime(2026, 5, 1, tzinfo=UTC).timestamp()


class Box:
    """A box with a /sys of its own."""

    def __init__(self, folder: Path, config: Config | None = None) -> None:
        self.root = folder / "root"
        self.sensor = self.root / "sys/class/hwmon/hwmon1"
        self.zone = self.root / "sys/class/thermal/thermal_zone0"
        for place in (self.sensor, self.zone):
            place.mkdir(parents=True)
        (self.sensor / "name").write_text("rpi_volt\n")
        self.now = 0.0
        self.belief = NOT_BELIEVED
        self.archive = Archive(folder / "calls")
        self.volumes = Volumes(folder / "calls")
        self.health = Health(
            *(config or Config(), self.archive, self.volumes),
            *(lambda: self.belief, lambda: NOW, lambda: self.now, 0.0),
            root=self.root,
        )

    def told(self, kind: str) -> str:
        [words] = [one.why for one in self.health.look() if one.kind == kind]
        return words


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


def test_too_low_a_voltage_is_told_while_it_lasts(box: Box) -> None:
    assert box.told("under-voltage") == ""
    (box.sensor / "in0_lcrit_alarm").write_text("1\n")
    assert "too low a voltage" in box.told("under-voltage")
    (box.sensor / "in0_lcrit_alarm").write_text("0\n")
    assert box.told("under-voltage") == ""


def test_heat_is_told_in_degrees(box: Box) -> None:
    (box.zone / "temp").write_text("64000\n")
    assert box.told("overheating") == ""
    (box.zone / "temp").write_text("81234\n")
    assert "81 °C" in box.told("overheating")
    (box.zone / "temp").write_text("what\n")
    assert box.told("overheating") == ""


def test_a_clock_that_nothing_sets_is_told_after_ten_minutes(box: Box) -> None:
    assert box.told("clock-unsure") == ""
    box.now = 601.0
    assert "Nothing has set the box's clock" in box.told("clock-unsure")
    box.belief = Belief("ntp", 0.1)
    assert box.told("clock-unsure") == ""


def recorded(box: Box, day: int) -> None:
    """A call of 10 ** 9 samples, which is 1.2 GB as FLAC."""
    call = {**RECORD, "started_at": f"2026-04-{day:02}T00:00:00+00:00"}
    row = box.archive.add_row({**call, "frames_stored": 10**9})
    box.archive.add_later(row["id"], audio="some.flac")


def test_a_medium_that_fills_is_told_with_the_days_that_are_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = Box(tmp_path)
    free = 6 * 10**9
    monkeypatch.setattr(Volume, "free", lambda _volume: free)
    assert box.told("medium-full") == ""
    recorded(box, 1)
    assert box.told("medium-full") == ""  # one call tells no rate
    recorded(box, 11)  # 2.4 GB in ten days: what is free is enough for 25
    box.health.config = replace(Config(), retention=RetentionConfig(warn_days=20))
    assert box.told("medium-full") == ""
    box.health.config = replace(Config(), retention=RetentionConfig(warn_days=30))
    told = box.told("medium-full")
    assert "the box's own medium has room for 5722 MB more, about 25 days at the present" in told
    free = 3 * 10**9
    assert "about 12 days" in box.told("medium-full")


def test_a_medium_that_is_nearly_full_is_told_with_what_will_happen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = Box(tmp_path)
    monkeypatch.setattr(Volume, "free", lambda _volume: 50 * 2**20)
    told = box.told("medium-full")
    assert "the box's own medium has room for 50 MB more." in told
    assert "told for 14 days, the oldest recordings without a flag make room" in told
    box.health.config = replace(Config(), retention=RetentionConfig(free_mb=0))
    assert "calls are not recorded any more" in box.told("medium-full")


def test_no_call_for_days_is_told_only_where_it_is_wanted(tmp_path: Path) -> None:
    box = Box(tmp_path)
    box.archive.add_row({**RECORD, "started_at": "2026-04-20T00:00:00+00:00"})
    assert box.told("no-calls") == ""
    box.health.config = replace(Config(), alarms=AlarmsConfig(no_calls_days=7))
    assert "for 11 days" in box.told("no-calls")
    box.health.config = replace(Config(), alarms=AlarmsConfig(no_calls_days=14))
    assert box.told("no-calls") == ""
