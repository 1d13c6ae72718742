"""A waveform shows how loud the call was, and is made once."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from firmware.archive.errors import ArchiveError
from firmware.archive.sound import sound_at
from firmware.archive.waveform import Waveforms, peaks_of, thinned


def master(folder: Path, *parts: float, rate: int = 8000) -> Path:
    path = folder / "a.flac"
    wave = np.sin(np.arange(rate) * 2 * np.pi * 440 / rate)
    soundfile.write(path, np.concatenate([part * wave for part in parts]), rate, subtype="PCM_16")
    return path


def test_each_part_shows_its_own_level(tmp_path: Path) -> None:
    peaks = peaks_of(sound_at(master(tmp_path, 1.0, 0.1, 0.0)), buckets=3)
    assert list(peaks) == [pytest.approx(255, abs=1), pytest.approx(170, abs=2), 0]


@pytest.mark.parametrize("parts", [1, 7, 40])
def test_a_call_of_any_length_has_at_most_so_many_parts(tmp_path: Path, parts: int) -> None:
    peaks = peaks_of(sound_at(master(tmp_path, *[0.5] * parts)))
    assert 800 <= len(peaks) <= 1200
    assert min(peaks) > 200


def test_an_empty_call_has_no_waveform(tmp_path: Path) -> None:
    path = tmp_path / "e.wav"
    soundfile.write(path, np.zeros(0), 8000, subtype="PCM_16")
    assert peaks_of(sound_at(path)) == b""


def test_a_thinner_one_keeps_the_loudest() -> None:
    assert thinned(bytes([1, 9, 2, 3, 8, 4]), 3) == bytes([9, 3, 8])
    assert thinned(b"ab", 5) == b"ab"


def test_it_is_made_once_and_kept(tmp_path: Path) -> None:
    path, kept = master(tmp_path, 0.5), Waveforms(tmp_path / "w/peaks.sqlite")
    assert kept.known(["x"]) == {}
    made = kept.of("x", sound_at(path))
    path.unlink()
    assert Waveforms(tmp_path / "w/peaks.sqlite").of("x", sound_at(path)) == made
    kept.forget("x")
    assert kept.known(["x"]) == {}


def test_a_file_that_is_no_sound_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    path.write_bytes(b"nothing")
    with pytest.raises(ArchiveError, match="has no waveform"):
        Waveforms(tmp_path / "peaks.sqlite").of("x", sound_at(path))


def test_a_torn_cache_is_made_anew(tmp_path: Path) -> None:
    path, cache = master(tmp_path, 0.5), tmp_path / "peaks.sqlite"
    cache.write_bytes(b"torn" * 1000)
    with pytest.raises(ArchiveError):
        Waveforms(cache).of("x", sound_at(path))
    assert Waveforms(cache).of("x", sound_at(path))


def test_a_file_that_another_process_is_just_making_holds_none_yet(tmp_path: Path) -> None:
    (tmp_path / "waves.sqlite").touch()
    kept = Waveforms(tmp_path / "waves.sqlite")
    assert kept.known(["x"]) == {}
    made = kept.of("x", sound_at(master(tmp_path, 1.0)))
    assert kept.known(["x"]) == {"x": made}
