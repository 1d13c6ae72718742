"""Every interval in which the box could not record is an entry among the calls."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from firmware.archive import Archive, recording, writer
from firmware.archive.errors import ArchiveFull
from firmware.archive.keeper import Keeper
from firmware.audio.frames import Gap
from firmware.blind import WORDS, Sign, continues, entry, read_sign, since
from firmware.clock import Belief, WallClock, boot_id
from firmware.config import Config
from firmware.events import OffHook, OnHook
from firmware.minder import Minder
from tests.test_recorder import RATE, Line
from web.whole import CAUSES

NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    ("last", "cause", "duration"),
    [
        (Sign("a", NOW - 100, 400.0), "off", 100.0),
        (Sign("b", NOW - 9e9, 440.0), "crashed", 60.0),
        (Sign("b", NOW - 100, 440.0, ended=True), "stopped", 60.0),
        (Sign("a", NOW + 100, 400.0), "off", None),
        (Sign("a", 0.0, 400.0), "off", None),
    ],
)
def test_the_cause_and_the_length_are_told_as_far_as_a_clock_can(
    last: Sign, cause: str, duration: float | None
) -> None:
    record = since(last, Sign("b", NOW, 500.0))
    assert record is not None
    assert (record["cause"], record["duration_s"]) == (cause, duration)


def test_a_moment_is_no_entry() -> None:
    assert since(Sign("b", NOW, 499.5), Sign("b", NOW, 500.0)) is None


def test_a_torn_sign_of_life_is_none(tmp_path: Path) -> None:
    sign = Sign("a", 1.0, 2.0, True)
    sign.write(tmp_path)
    assert read_sign(tmp_path) == sign
    (tmp_path / "alive.json").write_text('{"boot')
    assert read_sign(tmp_path) is None


def test_what_goes_on_is_one_entry_and_another_cause_is_another() -> None:
    first = entry("no-card", NOW, 30.0)
    assert continues(first, entry("no-card", NOW + 31, 30.0), 10.0) == 61.0
    assert continues(first, entry("crashed", NOW + 31, 30.0), 10.0) is None
    assert continues(first, entry("no-card", NOW + 60, 30.0), 10.0) is None
    assert continues({"kind": "call"}, first, 10.0) is None
    assert continues(first, entry("no-card", NOW - 5, 2.0), 60.0) is None  # told late, not later
    assert continues(first, entry("no-card", NOW + 20, 2.0), 10.0) == 30.0  # within it


class Box:
    """The minder and the keeper of one folder, at any time."""

    def __init__(self, folder: Path, wall: float, now: float) -> None:
        self.archive = Archive(folder)
        self.keeper = Keeper(self.archive)
        clock = WallClock(lambda: wall, lambda _now: Belief("ntp", 0.1), lambda: now)
        self.told: list[Any] = []
        self.minder = Minder(
            Config(), self.archive, self.keeper.volumes, clock, lambda: now, self.told.append
        )

    def start(self) -> list[dict[str, Any]]:
        self.keeper.start()
        self.minder.look_back(self.keeper)
        return self.archive.calls()


def test_a_fault_of_the_recorder_is_an_entry_and_an_alarm(tmp_path: Path) -> None:
    Sign(boot_id(), NOW - 40, 460.0).write(tmp_path)
    box = Box(tmp_path, NOW, 500.0)
    [row] = box.start()
    assert (row["kind"], row["cause"], row["duration_s"]) == ("blind", "crashed", 40.0)
    assert row["sequence"] == 1
    [restarted] = [one for one in box.minder.health.look() if one.kind == "restarted"]
    assert "had a fault and was started anew" in restarted.why


def test_a_power_cut_is_an_entry_that_begins_when_the_box_was_last_alive(tmp_path: Path) -> None:
    Sign("another run", NOW - 7200, 460.0).write(tmp_path)
    [row] = Box(tmp_path, NOW, 5.0).start()
    assert (row["cause"], row["duration_s"]) == ("off", 7200.0)
    assert datetime.fromisoformat(row["started_at"]).timestamp() == NOW - 7200


def test_a_first_start_is_not_blind(tmp_path: Path) -> None:
    assert Box(tmp_path, NOW, 5.0).start() == []


def test_restarts_one_after_the_other_for_one_cause_are_one_entry(tmp_path: Path) -> None:
    for number in range(1, 4):
        Sign(boot_id(), NOW + 30 * number - 30, 30.0 * number - 30).write(tmp_path)
        rows = Box(tmp_path, NOW + 30 * number, 30.0 * number).start()
    [row] = rows
    assert row["duration_s"] == 90.0


def test_a_sound_card_that_is_away_is_an_entry(tmp_path: Path) -> None:
    line = Line(tmp_path)
    line.run(2)
    line.recorder.on_audio(Gap(line.first, 24000, "card lost: unplugged", line.now))
    line.first += 24000
    line.run(1)
    [row] = line.archive.calls()
    assert (row["kind"], row["cause"], row["duration_s"]) == ("blind", "no-card", 3.0)


def test_time_in_which_no_medium_had_space_is_an_entry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise ArchiveFull("/there: full")

    monkeypatch.setattr(recording, "RETRY_S", 0.0)
    line = Line(tmp_path)
    line.recorder._keeper.waiting.limit = 2 * RATE  # a second may wait in memory for a medium
    line.run(2)
    with monkeypatch.context() as patch:
        patch.setattr(writer.RecordingWriter, "__init__", full)
        line.recorder.on_line(OffHook(line.now))
        line.run(60)
        assert "full" in line.recorder.alarms["medium-failing"]
    line.run(1)
    line.recorder.on_line(OnHook(line.now))
    line.run(1)
    blind, call = line.archive.calls()
    assert (blind["kind"], blind["cause"]) == ("blind", "no-space")
    assert blind["duration_s"] == pytest.approx(61.0, abs=0.2)  # with the pre-roll, less one second
    [gap] = call["gaps"]
    assert gap["count"] == pytest.approx(blind["duration_s"] * call["rate"])
    assert call["frames_expected"] == 63 * call["rate"]


def test_an_xrun_is_no_entry(tmp_path: Path) -> None:
    line = Line(tmp_path)
    line.run(2)
    line.lose(800)
    line.run(1)
    assert line.archive.calls() == []


def test_a_card_that_never_comes_is_an_entry_when_the_recorder_stops(tmp_path: Path) -> None:
    line = Line(tmp_path)
    line.run(1)
    line.recorder.deaf(1.0)
    line.recorder.shutdown(61.0)
    [row] = line.archive.calls()
    assert (row["cause"], row["duration_s"]) == ("no-card", 60.0)


def test_each_cause_has_words_on_the_page() -> None:
    assert set(WORDS) == set(CAUSES)
