"""What a call leaves in the archive, and what a crash leaves to find."""

import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from firmware.archive import Archive
from firmware.archive import archive as archive_module
from firmware.archive.errors import CatalogueTooNew, NoSuchCall
from firmware.archive.files import read_json
from firmware.archive.identity import uuid7

NUMBERS = np.arange(16000).astype(np.int16)
RECORD: dict[str, Any] = {
    "line": "1",
    "direction": "incoming",
    "outcome": "answered",
    "number": "+48221234567",
    "started_at": "2026-03-04T05:06:07.000+00:00",
    "rate": 8000,
    "answered": True,
}


KILLED = f"""
import os, sys
import numpy as np
from pathlib import Path
from firmware.archive import Archive

held = Archive(Path(sys.argv[1])).begin({RECORD!r})
held.writer.write(0, np.arange(16000).astype(np.int16))
os.kill(os.getpid(), 9)
"""


def recorded(archive: Archive) -> dict[str, Any]:
    held = archive.begin(RECORD)
    held.writer.write(0, NUMBERS)
    return archive.finish(held, RECORD)


def test_a_call_leaves_a_flac_master_and_a_record_beside_it(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    call = recorded(archive)
    master = archive.audio_path(call["id"])
    assert master.parent == tmp_path / "2026/03/04"
    assert master.name == f"050607-incoming-+48221234567-{call['id']}.flac"
    assert np.array_equal(soundfile.read(master, dtype="int16")[0], NUMBERS)
    assert read_json(master.with_suffix(".json")) == call
    assert call["frames_stored"] == call["frames_expected"] == 16000
    assert not list(tmp_path.rglob("*.part.*"))


def test_a_crash_in_a_call_leaves_an_unfinished_call_that_plays(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    [part] = tmp_path.rglob("*.part.wav")
    with part.open("ab") as file:
        file.write(b"\x01")
    again = Archive(tmp_path)
    assert [call["id"] for call in again.recover()] == [part.name.split("-", 3)[3][:36]]
    [call] = again.calls()
    assert call["outcome"] == "unfinished"
    assert call["number"] == RECORD["number"]
    sound, _ = soundfile.read(again.audio_path(call["id"]), dtype="int16")
    assert np.array_equal(sound, NUMBERS)
    assert again.recover() == []


def test_a_running_call_is_left_alone_by_whoever_opens_the_archive(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    held = archive.begin(RECORD)
    held.writer.write(0, NUMBERS)
    assert Archive(tmp_path).recover() == []
    held.writer.write(16000, NUMBERS)
    call = archive.finish(held, RECORD)
    assert call["frames_stored"] == 32000


@pytest.mark.parametrize("step", ["_enter", "_make_flac", "unlink"])
def test_a_crash_while_a_call_is_closed_leaves_one_call_and_one_master(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    archive = Archive(tmp_path)
    held = archive.begin({**RECORD, "number": None})
    held.writer.write(0, NUMBERS)

    def power_cut(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        place = {"_enter": Archive, "_make_flac": archive_module, "unlink": Path}[step]
        patch.setattr(place, step, power_cut)
        with pytest.raises(KeyboardInterrupt):
            archive.finish(held, RECORD)
    again = Archive(tmp_path)
    again.recover()
    [call] = again.calls()
    assert call["outcome"] == ("answered" if step == "unlink" else "unfinished")
    assert [path.suffix for path in tmp_path.rglob("*.flac")] == [".flac"]
    assert not list(tmp_path.rglob("*.part.*"))
    sound, _ = soundfile.read(again.audio_path(call["id"]), dtype="int16")
    assert np.array_equal(sound, NUMBERS)


@pytest.mark.parametrize("harm", ["deleted", "garbage", "empty"])
def test_the_catalogue_is_rebuilt_with_flags_and_notes(tmp_path: Path, harm: str) -> None:
    archive = Archive(tmp_path)
    call = recorded(archive)
    archive.flag(call["id"], True)
    archive.note(call["id"], "żółw")
    path = tmp_path / "catalogue.sqlite"
    for ending in ("-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    if harm == "deleted":
        path.unlink()
    else:
        path.write_bytes(b"garbage" * 1000 if harm == "garbage" else b"")
    again = Archive(tmp_path)
    again.recover()
    [found] = again.calls()
    assert found["flagged"] is True
    assert found["note"] == "żółw"


def test_a_catalogue_of_a_newer_release_is_refused_and_left_alone(tmp_path: Path) -> None:
    recorded(Archive(tmp_path))
    with sqlite3.connect(tmp_path / "catalogue.sqlite") as base:
        base.execute("PRAGMA user_version = 99")
    with pytest.raises(CatalogueTooNew, match="The recordings are safe"):
        Archive(tmp_path)


def test_pages_follow_the_sequence_which_has_no_gaps(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    for _ in range(5):
        archive.add_row(RECORD)
    first = archive.calls(limit=3)
    assert [call["sequence"] for call in first] == [5, 4, 3]
    assert [call["sequence"] for call in archive.calls(limit=3, before=3)] == [2, 1]


def test_a_torn_record_and_a_foreign_file_are_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "2026/01/01"
    folder.mkdir(parents=True)
    (folder / "torn.json").write_text('{"id": ')
    (folder / "holiday.jpg").write_bytes(b"x")
    (folder / "loop.part.wav").symlink_to("/dev/zero")
    assert Archive(tmp_path).recover() == []
    assert len(list(folder.iterdir())) == 3


def test_an_unknown_call_is_said(tmp_path: Path) -> None:
    with pytest.raises(NoSuchCall):
        Archive(tmp_path).get("../../etc/passwd")


def test_ids_sort_by_time_and_carry_version_and_variant() -> None:
    early, late = uuid7(1_000, b"\xff" * 10), uuid7(1_001, bytes(10))
    assert early < late
    assert late == "00000000-03e9-7000-8000-000000000000"
