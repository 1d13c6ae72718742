"""Bad catalogues, bad folders, bad media: a clear message, and nothing lost that could be read."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from firmware.archive import Archive, jobs
from firmware.archive.errors import ArchiveError
from firmware.archive.keeper import Keeper, Trouble
from firmware.archive.recovery import recover
from firmware.archive.volume import Volumes
from tests.archive.support import RATE, RECORD, Feed, numbers

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A medium of 8 MB and 60 inodes."""
    folder = tmp_path / "small"
    folder.mkdir()
    options = "size=8m,nr_inodes=60"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", folder], check=True)


class Patient:
    """A keeper as the recorder has it: a catalogue that cannot be opened is tried again."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(jobs, "TRY_AGAIN_S", 0.0)
        self.archive = Archive(folder, rebuild=False, patient=True)
        self.keeper = Keeper(self.archive, Volumes(folder))
        self.told: list[str] = []
        self.keeper.start()
        self.poll()

    def poll(self) -> None:
        self.told += [one.why for one in self.keeper.poll() if isinstance(one, Trouble) and one.why]

    def call(self, seconds: float) -> str:
        held = self.keeper.begin(RECORD)
        held.write(0, numbers(round(seconds * RATE)))
        self.keeper.finish(held, RECORD)
        self.poll()
        return held.id


def test_a_catalogue_of_a_newer_release_stops_the_list_but_no_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Feed(tmp_path).call(0.5)
    base = sqlite3.connect(tmp_path / "catalogue.sqlite")
    base.execute("PRAGMA user_version = 99")
    base.close()
    before = (tmp_path / "catalogue.sqlite").read_bytes()
    box = Patient(tmp_path, monkeypatch)
    call_id = box.call(1.0)
    assert any("written by a newer Tipring" in why for why in box.told)
    assert (tmp_path / "catalogue.sqlite").read_bytes() == before
    assert len(list(tmp_path.rglob(f"*{call_id}.flac"))) == 1
    base = sqlite3.connect(tmp_path / "catalogue.sqlite")
    base.execute("PRAGMA user_version = 1")
    base.close()
    box.poll()
    box.poll()
    found = box.archive.get(call_id)
    assert found["sequence"] == 2
    assert np.array_equal(_sound(box.archive, call_id), numbers(RATE))


def _sound(archive: Archive, call_id: str) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    import soundfile

    heard: np.ndarray[tuple[int], np.dtype[np.int16]]
    heard = soundfile.read(archive.audio_path(call_id), dtype="int16")[0]
    return heard


def test_a_catalogue_that_breaks_while_it_is_used_is_made_anew_with_every_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = Patient(tmp_path, monkeypatch)
    first = box.call(0.5)
    (tmp_path / "catalogue.sqlite").write_bytes(b"garbage" * 4096)
    second = box.call(0.5)
    assert {call["id"] for call in box.archive.calls()} == {first, second}
    assert [call["sequence"] for call in box.archive.calls()] == [2, 1]
    assert any("was damaged and made anew" in why for why in box.told)
    assert list(tmp_path.glob("catalogue.sqlite.damaged-*"))


def test_a_catalogue_that_forgot_calls_gets_them_back_when_it_is_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = Patient(tmp_path, monkeypatch)
    ids = {box.call(0.2) for _ in range(3)}
    base = sqlite3.connect(tmp_path / "catalogue.sqlite")
    base.execute("DELETE FROM calls WHERE sequence = 2")
    base.commit()
    base.close()
    box.keeper.check()
    box.poll()
    assert {call["id"] for call in box.archive.calls()} == ids
    assert any("1 call entered again" in why for why in box.told)


FULL = """
import sys
from pathlib import Path
from tests.archive.support import RATE, RECORD, Feed, numbers
box = Feed(Path(sys.argv[1]))
held = box.begin()
box.feed(held, 2.0)
last = 0
while True:
    try:
        (Path(sys.argv[1]) / f"file{last}").touch()
        last += 1
    except OSError:
        break
box.feed(held, 2.0)
box.keeper.finish(held, RECORD)
for one in box.keeper.poll() + box.happened:
    if getattr(one, "why", ""):
        print(one.why)
(Path(sys.argv[1]) / "file0").unlink()
for number in range(1, 8):
    (Path(sys.argv[1]) / f"file{number}").unlink()
"""


@needs_root
def test_without_an_inode_the_call_is_kept_and_completed_when_there_is_one(small: Path) -> None:
    words = [sys.executable, "-c", FULL, str(small)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "full" in done.stdout
    archive = Archive(small)
    recover(archive)
    [call] = archive.calls()
    assert call["frames_stored"] == 4 * RATE
    assert np.array_equal(_sound(archive, call["id"]), numbers(4 * RATE))


@needs_root
def test_a_medium_that_turns_read_only_in_a_call_keeps_what_was_confirmed(
    small: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    media = Volumes(home, tmp_path, is_mount=lambda path: path == small)
    box = Feed(media)
    held = box.begin()
    box.feed(held, 2.0)
    for handle in Path("/proc/self/fd").iterdir():
        if handle.exists() and small in handle.resolve().parents:
            os.close(int(handle.name))
    subprocess.run(["mount", "-o", "remount,ro", small], check=True)
    box.feed(held, 2.0)
    call = box.finish(held)
    assert np.array_equal(box.sound(call["id"]), numbers(4 * RATE))
    assert call["parts"][-1]["volume"] == ""
    assert call["frames_stored"] == 4 * RATE


def test_a_home_that_cannot_be_written_at_the_start_does_not_stop_the_stick(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stick = tmp_path / "media/stick"
    stick.mkdir(parents=True)
    home = tmp_path / "home"
    home.write_text("in the way")
    volumes = Volumes(home, tmp_path / "media", is_mount=Path.is_dir)
    archive = Archive(home, rebuild=False, patient=True)
    monkeypatch.setattr(jobs, "TRY_AGAIN_S", 0.0)
    kept = Keeper(archive, volumes)
    kept.start()
    held = kept.begin(RECORD)
    held.write(0, numbers(RATE))
    kept.finish(held, RECORD)
    told = [one.why for one in kept.poll() if isinstance(one, Trouble) and one.why]
    assert any("cannot be" in why for why in told)
    with pytest.raises(ArchiveError):
        archive.calls()
    assert len(list(stick.rglob(f"*{held.id}.flac"))) == 1
    home.unlink()
    kept.poll()
    volumes.scan()
    kept.poll()
    kept.poll()
    assert [call["id"] for call in archive.calls()] == [held.id]


def test_a_folder_of_very_many_files_is_gone_through(tmp_path: Path) -> None:
    box = Feed(tmp_path)
    call = box.call(0.2)
    folder = box.archive.audio_path(call["id"]).parent
    for number in range(100_000):  # of a camera, or of another program
        os.close(os.open(folder / f"other{number}.jpg", os.O_CREAT | os.O_WRONLY))
    (tmp_path / "catalogue.sqlite").unlink()
    archive = Archive(tmp_path)
    report = recover(archive)
    assert (report.entered, len(archive.calls())) == (1, 1)
