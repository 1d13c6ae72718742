"""Numbers that are never recorded, or always held, in the running recorder."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from firmware.archive.errors import CallProtected
from firmware.archive.retention import OWNERS_WISH, let_go
from firmware.events import (
    PrivatePressed,
)
from tests.support.consented import DOCTOR, RATE, Line, never


@pytest.mark.parametrize("form", ["+48 22 630 40 75", "22 630 40 75", "0048226304075"])
def test_no_audio_of_a_number_that_is_never_recorded_touches_the_medium(
    tmp_path: Path, form: str
) -> None:
    never(tmp_path, form)
    line = Line(tmp_path, use="business", playout="line_out")
    line.ring(DOCTOR)
    line.lift()
    for _ in range(20):
        line.run(0.2)
        assert not line.audio_files()
    call = line.hang_up()
    assert (call["audio"], call["refused"], call["number"]) == (None, "never-recorded", DOCTOR)
    assert call["outcome"] == "answered"
    assert not call["private"]
    assert line.sounds == []  # nothing is announced of a recording that is not made


def test_a_withheld_number_is_never_taken_for_one_with_a_rule(tmp_path: Path) -> None:
    never(tmp_path)
    line = Line(tmp_path)
    line.ring(None)
    line.lift()
    line.run(2)
    assert line.hang_up()["audio"]


def test_a_dialled_number_that_is_never_recorded_is_erased_once_it_is_whole(
    tmp_path: Path,
) -> None:
    never(tmp_path)
    line = Line(tmp_path)
    line.run(3)
    line.lift()
    line.run(1)
    line.dial(DOCTOR)
    assert line.recorder.state(line.now)["recording"]
    line.run(4.5)
    assert not line.recorder.state(line.now)["recording"]
    assert not line.audio_files()
    assert {"event": "recording-over"} in line.messages
    line.run(3)
    call = line.hang_up()
    assert (call["audio"], call["refused"], call["dialled"]) == (None, "never-recorded", DOCTOR)
    assert not line.audio_files()


def test_a_number_that_only_begins_like_one_is_recorded(tmp_path: Path) -> None:
    never(tmp_path, "112")
    line = Line(tmp_path)
    line.run(3)
    line.lift()
    line.run(1)
    line.dial("112233445")
    line.run(6)
    assert line.hang_up()["audio"]


def test_a_hang_up_right_after_dialling_leaves_no_audio_either(tmp_path: Path) -> None:
    never(tmp_path)
    line = Line(tmp_path)
    line.run(3)
    line.lift()
    line.dial(DOCTOR)
    call = line.hang_up()
    assert (call["audio"], call["refused"]) == (None, "never-recorded")
    assert not line.audio_files()


def test_the_call_after_one_that_was_refused_is_recorded(tmp_path: Path) -> None:
    never(tmp_path)
    line = Line(tmp_path)
    line.ring(DOCTOR)
    line.lift()
    line.run(2)
    line.hang_up()
    line.ring("226304099")
    line.lift()
    line.run(2)
    assert line.hang_up()["audio"]
    line.ring(DOCTOR)
    line.run(12)  # missed
    line.lift()
    line.run(2)
    assert line.hang_up()["audio"]


def test_a_number_that_is_always_held_is_held_as_soon_as_its_call_is_entered(
    tmp_path: Path,
) -> None:
    never(tmp_path, rule="hold")
    line = Line(tmp_path)
    line.ring("+48" + DOCTOR)
    line.lift()
    line.run(2)
    call = line.hang_up()
    assert call["held"]
    assert call["held_by"] == "rule"
    assert "always held" in call["held_why"]
    with pytest.raises(CallProtected):
        let_go(line.archive, call["id"], OWNERS_WISH, datetime.now(UTC))
    line.archive.hold(call["id"], False)
    assert not line.archive.get(call["id"])["held"]


def test_a_rule_that_is_made_while_the_call_runs_holds_for_it(tmp_path: Path) -> None:
    line = Line(tmp_path)
    line.ring(DOCTOR)
    line.lift()
    line.run(2)
    assert line.recorder.state(line.now)["recording"]
    never(tmp_path)
    line.book.refresh()
    line.recorder.renew(line.book.terms)
    assert not line.audio_files()
    assert line.hang_up()["refused"] == "never-recorded"


@pytest.mark.parametrize("way", ["killed", "stopped"])
@pytest.mark.parametrize("how", ["number", "private"])
def test_a_restart_in_the_midst_of_a_call_that_is_not_kept_does_not_record_its_rest(
    tmp_path: Path, how: str, way: str
) -> None:
    if how == "number":
        never(tmp_path)
    line = Line(tmp_path)
    line.ring(DOCTOR)
    line.lift()
    line.run(30)
    if how == "private":
        line.recorder.on_line(PrivatePressed(line.now))
        line.run(30)
    if way == "stopped":
        line.recorder.shutdown(line.now)
    line.begin()
    line.run(0.2)
    line.lift()
    line.run(3)
    assert not line.audio_files()
    row = line.hang_up()
    assert row["audio"] is None
    assert (row["private"], row.get("refused")) == (
        (True, None) if how == "private" else (False, "never-recorded")
    )
    line.run(5)
    line.lift()
    line.run(2)
    assert line.hang_up()["audio"]


def test_a_call_that_begins_long_after_the_restart_is_recorded(tmp_path: Path) -> None:
    never(tmp_path)
    line = Line(tmp_path)
    line.ring(DOCTOR)
    line.lift()
    line.run(5)
    line.begin()
    line.run(3)
    line.lift()
    line.run(3)
    assert line.hang_up()["audio"]
    line.ring(DOCTOR)
    line.lift()
    line.run(5)
    line.first += 90 * RATE
    line.begin()
    line.run(0.2)
    line.lift()
    line.run(2)
    assert line.hang_up()["audio"]
