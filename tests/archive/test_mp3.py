"""MP3 copies: made once, made anew for a new master, bounded, and never half."""

import os
import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile

from firmware.archive import mp3
from firmware.archive.errors import ArchiveError
from firmware.archive.sound import sound_at

RATE = 8000


def master(folder: Path, name: str, hertz: float, seconds: float = 1.0) -> Path:
    path = folder / f"{name}.flac"
    times = np.arange(round(RATE * seconds)) / RATE
    soundfile.write(path, 0.3 * np.sin(2 * np.pi * hertz * times), RATE, subtype="PCM_16")
    return path


def mp3_of(path: Path, cache: Path, room: int = mp3.ROOM) -> Path:
    return mp3.mp3_of(sound_at(path), cache, room)


def pitch(copy: Path) -> float:
    sound, rate = soundfile.read(copy)
    return float(np.abs(np.fft.rfft(sound)).argmax() * rate / len(sound))


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "mp3"


def test_the_copy_sounds_like_the_master_and_is_as_long(tmp_path: Path, cache: Path) -> None:
    copy = mp3_of(master(tmp_path, "a", 440, 20.0), cache)
    assert copy.read_bytes()[:3] == b"ID3" or copy.read_bytes()[0] == 0xFF
    assert pitch(copy) == pytest.approx(440, abs=2)
    assert soundfile.info(copy).duration == pytest.approx(20.0, abs=0.2)


def test_a_copy_is_made_once_and_anew_for_another_master(tmp_path: Path, cache: Path) -> None:
    path = master(tmp_path, "a", 440)
    first = mp3_of(path, cache)
    made = first.stat().st_ino
    assert mp3_of(path, cache).stat().st_ino == made
    second = mp3_of(master(tmp_path, "a", 880), cache)
    assert second != first
    assert pitch(second) == pytest.approx(880, abs=2)


def test_those_who_ask_at_once_get_one_copy(tmp_path: Path, cache: Path) -> None:
    path = master(tmp_path, "a", 440, 60.0)
    got: list[int] = []
    askers = [
        threading.Thread(target=lambda: got.append(mp3_of(path, cache).stat().st_ino))
        for _ in range(6)
    ]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert len(got) == 6
    assert len(set(got)) == 1
    assert len(list(cache.iterdir())) == 1


def test_the_copy_not_asked_for_longest_makes_room(tmp_path: Path, cache: Path) -> None:
    old, liked = (mp3_of(master(tmp_path, name, 440), cache) for name in ("old", "liked"))
    os.utime(old, (1000, 1000))
    os.utime(liked, (900, 900))
    mp3_of(tmp_path / "liked.flac", cache)
    new = mp3_of(master(tmp_path, "new", 440), cache, room=2 * liked.stat().st_size)
    assert set(cache.iterdir()) == {liked, new}


def test_what_a_crash_left_is_removed(tmp_path: Path, cache: Path) -> None:
    cache.mkdir()
    (cache / "b-1-2.tmp").write_bytes(b"half")
    copy = mp3_of(master(tmp_path, "a", 440), cache)
    assert list(cache.iterdir()) == [copy]


def test_a_damaged_master_is_said_and_leaves_nothing(tmp_path: Path, cache: Path) -> None:
    path = tmp_path / "a.flac"
    path.write_bytes(b"fLaC but no more")
    with pytest.raises(ArchiveError, match="no MP3 could be made"):
        mp3_of(path, cache)
    assert not list(cache.iterdir())
    with pytest.raises(ArchiveError):
        mp3_of(tmp_path / "gone.flac", cache)
