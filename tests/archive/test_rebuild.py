"""A list that is lost or wrong is made anew from what lies on the medium; damage is told."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from firmware.archive import Archive
from firmware.archive.files import write_json
from firmware.archive.keeper import Keeper, Trouble
from firmware.archive.recovery import recover
from firmware.archive.retention import protected
from tests.archive.crashed import damaged, restarted
from tests.archive.support import RATE, RECORD, Feed, numbers


@pytest.mark.parametrize("harm", ["deleted", "garbage", "empty", "half"])
def test_the_catalogue_is_rebuilt_with_flags_notes_and_numbers(tmp_path: Path, harm: str) -> None:
    box = Feed(tmp_path)
    calls = [box.call(0.5) for _ in range(3)]
    box.keeper.add_row({**RECORD, "outcome": "missed"})
    box.archive.flag(calls[1]["id"], True)
    box.archive.note(calls[1]["id"], "żółw")
    box.archive.hold(calls[2]["id"], True)
    path = tmp_path / "catalogue.sqlite"
    if harm == "deleted":
        path.unlink()
    elif harm in ("garbage", "empty"):
        path.write_bytes(b"garbage" * 1000 if harm == "garbage" else b"")
    elif harm == "half":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    archive = Archive(tmp_path)
    if archive.check():
        archive.renew()
    recover(archive)
    assert [call["sequence"] for call in archive.calls()] == [4, 3, 2, 1]
    found = archive.get(calls[1]["id"])
    assert (found["flagged"], found["note"]) == (True, "żółw")
    assert archive.get(calls[2]["id"])["held"] is True
    if harm in ("garbage", "half"):
        assert len(list(tmp_path.glob("catalogue.sqlite.damaged-*"))) >= 1
    assert Feed(tmp_path).call(0.2)["sequence"] == 5


def test_without_its_WAL_the_catalogue_gets_back_calls_flags_notes_and_holds(
    tmp_path: Path,
) -> None:
    folder, after = tmp_path / "calls", tmp_path / "after"
    box = Feed(folder)
    first = box.call(0.5)
    with closing(sqlite3.connect(folder / "catalogue.sqlite")) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT COUNT(*) FROM calls").fetchone()  # what follows stays in the WAL
        second = box.call(0.5)
        box.archive.flag(first["id"], True)
        box.archive.hold(first["id"], True)
        box.archive.note(second["id"], "żółw")
        box.archive.add_later(first["id"], corrected={"clock_source": "ntp"})
        shutil.copytree(folder, after)
    for ending in ("-wal", "-shm"):
        (after / f"catalogue.sqlite{ending}").unlink()
    archive = Archive(after)
    assert [call["id"] for call in archive.calls()] == [first["id"]]
    assert not archive.get(first["id"]).get("flagged")
    keeper = Keeper(archive)
    keeper.start()
    keeper.check()  # as after every end that was not in order
    happened = keeper.poll()
    assert [call["id"] for call in archive.calls()] == [second["id"], first["id"]]
    found = archive.get(first["id"])
    assert (found["flagged"], found["held"]) == (True, True)
    assert found["corrected"] == {"clock_source": "ntp"}
    assert archive.get(second["id"])["note"] == "żółw"
    assert any("entered again" in one.why for one in happened if isinstance(one, Trouble))


def test_numbers_go_on_without_a_gap_when_catalogue_and_records_are_away(tmp_path: Path) -> None:
    box = Feed(tmp_path)
    for _ in range(3):
        box.call(0.2)
    (tmp_path / "catalogue.sqlite").unlink()
    for record in tmp_path.rglob("2026/**/*"):
        if record.is_file():
            record.unlink()
    assert Feed(tmp_path).call(0.2)["sequence"] == 4


def test_a_torn_record_leaves_the_call_in_the_list_as_damaged(tmp_path: Path) -> None:
    box = Feed(tmp_path)
    call = box.call()
    sidecar = box.archive.audio_path(call["id"]).with_suffix(".json")
    torn = sidecar.read_bytes()[:100]
    sidecar.write_bytes(torn)
    archive, report = damaged(tmp_path)
    [found] = archive.calls()
    assert (found["id"], found["number"]) == (call["id"], RECORD["number"])
    assert found["damage"][0]["words"] == "its record is damaged"
    assert np.array_equal(
        soundfile.read(archive.audio_path(call["id"]), dtype="int16")[0], numbers(2 * RATE)
    )
    assert "1 call damaged, 0 s missing" in report.words()
    assert sidecar.read_bytes() == torn


@pytest.mark.parametrize("ending", [".marks.json", ".later.json"])
def test_a_torn_file_of_marks_is_kept_aside_and_what_the_list_knows_is_written_anew(
    tmp_path: Path, ending: str
) -> None:
    box = Feed(tmp_path)
    call = box.call()
    archive = box.archive
    archive.hold(call["id"], True)
    archive.add_later(call["id"], deleted_at="2026-04-01T00:00:00+00:00")
    path = archive.audio_path(call["id"]).with_suffix(ending)
    path.write_bytes(b'{"torn')
    archive.note(call["id"], "żółw")
    archive.add_later(call["id"], corrected={"clock_source": "ntp"})
    assert path.with_name(path.name + ".damaged").read_bytes() == b'{"torn'
    archive, _ = damaged(tmp_path)
    found = archive.get(call["id"])
    assert (found["held"], found["note"]) == (True, "żółw")
    assert found["deleted_at"] == "2026-04-01T00:00:00+00:00"
    assert found["corrected"] == {"clock_source": "ntp"}
    assert found["started_at"] == call["started_at"]


@pytest.mark.parametrize("ending", [".marks.json", ".later.json"])
def test_marks_that_are_torn_when_the_list_is_lost_are_told_and_protect_the_call(
    tmp_path: Path, ending: str
) -> None:
    box = Feed(tmp_path)
    call = box.call()
    box.archive.flag(call["id"], True)
    box.archive.add_later(call["id"], corrected={"clock_source": "ntp"})
    path = box.archive.audio_path(call["id"]).with_suffix(ending)
    path.write_bytes(b'{"torn')
    archive, report = damaged(tmp_path)
    assert "1 call damaged, 0 s missing" in report.words()
    found = archive.get(call["id"])
    assert "cannot be read" in found["damage"][0]["words"]
    assert protected(found) == ("it is flagged" if ending == ".later.json" else "it is damaged")
    assert path.read_bytes() == b'{"torn'


@pytest.mark.parametrize(
    ("harm", "missing"), [("gone", 2.0), ("empty", 2.0), ("cut", 2.0), ("shorter", 1.0)]
)
def test_a_recording_that_contradicts_its_record_is_told_with_the_seconds_that_miss(
    tmp_path: Path, harm: str, missing: float
) -> None:
    box = Feed(tmp_path)
    call = box.call()
    box.call()
    master = box.archive.audio_path(call["id"])
    if harm == "gone":
        master.unlink()
    elif harm == "shorter":
        soundfile.write(master, numbers(RATE), RATE, "PCM_16")
    else:
        master.write_bytes(master.read_bytes()[: 0 if harm == "empty" else 30])
    archive, report = damaged(tmp_path)
    assert len(archive.calls()) == 2
    [entry] = archive.get(call["id"])["damage"]
    assert entry["missing_s"] == missing
    assert f"1 call damaged, {missing:.0f} s missing" in report.words()
    assert master.exists() == (harm != "gone")


def test_a_thorough_look_finds_what_happened_to_calls_that_are_entered(tmp_path: Path) -> None:
    box = Feed(tmp_path)
    call = box.call()
    box.archive.audio_path(call["id"]).write_bytes(b"")
    archive = Archive(tmp_path)
    assert recover(archive).damaged == 0
    report = recover(archive, thorough=True)
    assert (report.damaged, report.missing_s) == (1, 2.0)


def test_a_catalogue_that_is_damaged_further_in_is_made_anew(tmp_path: Path) -> None:
    box = Feed(tmp_path)
    calls = [box.call(0.2) for _ in range(20)]
    killed_later = box.begin()
    box.feed(killed_later, 1.0)
    killed_later._parts[-1]._abandon()
    path = tmp_path / "catalogue.sqlite"
    data = bytearray(path.read_bytes())
    for page in range(4096 * 2, len(data), 4096):
        data[page : page + 2000] = b"\xa5" * 2000
    path.write_bytes(data)
    archive, report = restarted(tmp_path)
    assert len(archive.calls()) == len(calls) + 1
    assert "made anew" in report.words()


def test_foreign_files_and_symbolic_links_are_left_alone_and_told(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "calls", tmp_path / "elsewhere"
    call = Feed(elsewhere).call(0.5)
    day = folder / "2026/01/01"
    day.mkdir(parents=True)
    (folder / "open").mkdir()
    (day / "torn.json").write_text('{"id": ')
    (day / "holiday.jpg").write_bytes(b"x")
    master = Archive(elsewhere).audio_path(call["id"])
    for file in (master, master.with_suffix(".json")):  # with names that are ours
        (day / file.name).symlink_to(file)
    (day / "loop.flac").symlink_to("/dev/zero")
    (folder / "open/loop.part.wav").symlink_to("/dev/zero")
    (folder / "2027").symlink_to(elsewhere / "2026")

    def inside() -> list[str]:
        found = tmp_path.rglob("*")
        return sorted(str(path) for path in found if "catalogue" not in path.name)

    before = inside()
    archive, report = restarted(folder)
    assert (archive.calls(), report.closed, report.entered) == ([], [], 0)
    assert inside() == before
    assert "4 files that are not Tipring's left alone" in report.words()
    assert f"{folder}/2027 is a symbolic link and was not followed" in report.words()
    assert report.bad


@pytest.mark.parametrize(
    "bent",
    [{"sequence": -1}, {"sequence": "1"}, {"sequence": 2**70}, {"line": []}, {"id": 5}],
)
def test_a_record_of_bent_values_is_no_record_and_stops_nothing(
    tmp_path: Path, bent: dict[str, Any]
) -> None:
    box = Feed(tmp_path)
    box.call(0.2)
    write_json(tmp_path / "2026/03/04/bent.json", {**RECORD, "id": "x", "sequence": 9, **bent})
    archive, _ = damaged(tmp_path)
    assert len(archive.calls()) == 1


def test_two_boxes_may_have_given_one_number_and_no_call_is_dropped(tmp_path: Path) -> None:
    box = Feed(tmp_path)
    call = box.call(0.2)
    other = {**call, "id": call["id"][:-1] + ("0" if call["id"][-1] != "0" else "1")}
    write_json(tmp_path / "2026/03/04/other.json", {**other, "audio": None})
    archive, _ = damaged(tmp_path)
    found = archive.calls()
    assert sorted(one["sequence"] for one in found) == [1, 2]
    assert {one["id"] for one in found} == {call["id"], other["id"]}
