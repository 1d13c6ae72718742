"""The power goes while calls wait in memory: their sound is lost, and that they were is told."""

import os
from datetime import datetime
from pathlib import Path

import pytest

from firmware.archive import Archive
from firmware.archive.recovery import recover
from firmware.events import OffHook, OnHook, PrivatePressed
from tests.test_recorder_full import RATE, Line, card, fill

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")

__all__ = ["card"]


def nearly_full(line: Line) -> None:
    """The reserve is reached: recordings are refused, and a record can still be written."""
    line.keeper.volumes.home.reserve = 2**60


def after_a_power_cut(folder: Path) -> Archive:
    archive = Archive(folder)
    recover(archive)
    return archive


def test_calls_that_wait_in_memory_when_the_power_goes_are_rows(card: Path) -> None:
    line = Line(card)
    nearly_full(line)
    line.call(7.0)
    line.recorder.on_line(OffHook(line.now))
    line.run(6.0)
    running, over = after_a_power_cut(card).calls()
    for call in (running, over):
        assert call["audio"] is None
        assert call["frames_stored"] == 0
        assert {gap["reason"] for gap in call["gaps"]} == {"no medium could store it"}
    assert over["frames_expected"] == pytest.approx(9 * RATE, abs=RATE)
    assert (over["outcome"], running["outcome"]) == ("unknown", "unfinished")
    assert over["duration_s"] == pytest.approx(7.0, abs=0.1)
    assert [running["sequence"], over["sequence"]] == [2, 1]


def test_calls_that_are_stored_after_all_leave_nothing_behind(card: Path) -> None:
    line = Line(card)
    nearly_full(line)
    line.call(7.0)
    assert list((card / "open").iterdir())
    line.keeper.volumes.home.reserve = 0
    line.run(70.0)
    [call] = line.calls()
    assert (call["gaps"], list((card / "open").iterdir())) == ([], [])
    [again] = after_a_power_cut(card).calls()
    assert again["audio"] == call["audio"]


def test_a_row_that_a_power_cut_left_beside_a_stored_call_changes_nothing(card: Path) -> None:
    line = Line(card)
    nearly_full(line)
    line.call(7.0)
    [row] = (card / "open").glob("*.row.json")
    left = row.read_bytes()
    line.keeper.volumes.home.reserve = 0
    line.run(70.0)
    [call] = line.calls()
    row.write_bytes(left)  # it had not been removed
    [again] = after_a_power_cut(card).calls()
    assert (again["audio"], again["gaps"]) == (call["audio"], [])
    assert not row.exists()


def test_what_was_stored_before_the_medium_was_full_is_in_the_call(card: Path) -> None:
    line = Line(card)
    line.recorder.on_line(OffHook(line.now))
    line.run(4.0)
    films = fill(card)
    nearly_full(line)
    held = line.keeper._open
    assert held is not None
    held._parts[-1].error = OSError("the card is full")
    line.run(6.0)
    films.unlink()
    line.run(1.0)
    [part] = held._parts
    part._abandon()
    [call] = after_a_power_cut(card).calls()
    assert call["audio"]
    stored = call["frames_stored"]
    assert 5 * RATE < stored < 7 * RATE
    assert call["outcome"] == "unfinished"
    assert all(gap["offset"] >= stored for gap in call["gaps"])


def test_a_call_that_is_made_private_leaves_no_row_of_what_waited(card: Path) -> None:
    line = Line(card)
    nearly_full(line)
    line.recorder.on_line(OffHook(line.now))
    line.run(7.0)
    assert list((card / "open").glob("*.row.json"))
    line.recorder.on_line(PrivatePressed(line.now))
    line.run(1.0)
    line.recorder.on_line(OnHook(line.now))
    line.run(7.0)
    [call] = line.calls()
    assert call["private"]
    assert "gaps" not in call
    assert list((card / "open").iterdir()) == []
    line.recorder.shutdown(line.now)


def test_a_recorder_that_is_stopped_while_nothing_takes_the_calls_leaves_them_as_rows(
    card: Path,
) -> None:
    line = Line(card)
    nearly_full(line)
    line.call(1.0)
    line.keeper.patience_s = 0.2
    line.recorder.shutdown(line.now)
    [call] = [one for one in Archive(card).calls() if one["kind"] == "call"]
    assert call["audio"] is None
    assert call["frames_expected"] == pytest.approx(3 * RATE, abs=RATE)
    [blind] = [one for one in Archive(card).calls() if one["kind"] == "blind"]
    assert (blind["cause"], blind["duration_s"]) == ("no-space", call["frames_expected"] / RATE)
    assert list((card / "open").iterdir()) == []


def test_what_a_power_cut_took_from_memory_is_blind_time_when_it_was(card: Path) -> None:
    line = Line(card)
    nearly_full(line)
    line.later = 5000.0
    line.call(7.0)
    again = Line(card)  # its monotonic clock begins anew
    again.run(1.0)
    [call] = again.calls()
    [blind] = [one for one in again.archive.calls() if one["kind"] == "blind"]
    assert blind["cause"] == "no-space"
    begun = [datetime.fromisoformat(one["started_at"]) for one in (call, blind)]
    assert abs((begun[1] - begun[0]).total_seconds()) <= 0.1
    assert blind["duration_s"] == pytest.approx(7.0, abs=0.1)
