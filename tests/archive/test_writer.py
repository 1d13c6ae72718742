"""The recording is on the medium while the call runs."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from firmware.archive.errors import ArchiveUnwritable
from firmware.archive.files import read_json, write_json
from firmware.archive.writer import HEADER_BYTES, RecordingWriter

NUMBERS = np.arange(16000).astype(np.int16)


def test_what_was_written_is_in_the_file_before_it_is_closed(tmp_path: Path) -> None:
    writer = RecordingWriter(tmp_path / "a.part.wav", 8000)
    for first in range(0, 16000, 160):
        writer.write(first, NUMBERS[first : first + 160])
    data = (tmp_path / "a.part.wav").read_bytes()[HEADER_BYTES:]
    assert np.array_equal(np.frombuffer(data, "<i2"), NUMBERS)


def test_a_closed_recording_is_a_sample_exact_wav(tmp_path: Path) -> None:
    writer = RecordingWriter(tmp_path / "a.part.wav", 8000)
    writer.write(500, NUMBERS)
    facts = writer.close()
    sound, rate = soundfile.read(tmp_path / "a.part.wav", dtype="int16")
    assert rate == 8000
    assert np.array_equal(sound, NUMBERS)
    assert (facts.frames, facts.lost) == (16000, 0)


def test_a_gap_is_silence_of_the_right_length_and_counted(tmp_path: Path) -> None:
    writer = RecordingWriter(tmp_path / "a.part.wav", 8000)
    writer.write(0, NUMBERS[:160])
    writer.gap(160, 80, "xrun")
    writer.write(250, NUMBERS[250:410])
    facts = writer.close()
    sound, _ = soundfile.read(tmp_path / "a.part.wav", dtype="int16")
    assert facts.frames == 410
    assert [gap["count"] for gap in facts.gaps] == [80, 10]
    assert not sound[160:250].any()
    assert np.array_equal(sound[250:], NUMBERS[250:410])


def test_samples_that_come_twice_are_stored_once(tmp_path: Path) -> None:
    writer = RecordingWriter(tmp_path / "a.part.wav", 8000)
    writer.write(0, NUMBERS[:300])
    writer.write(200, NUMBERS[200:500])
    writer.close()
    sound, _ = soundfile.read(tmp_path / "a.part.wav", dtype="int16")
    assert np.array_equal(sound, NUMBERS[:500])


def test_an_erased_recording_is_gone(tmp_path: Path) -> None:
    writer = RecordingWriter(tmp_path / "a.part.wav", 8000)
    writer.write(0, NUMBERS)
    writer.erase()
    assert not list(tmp_path.iterdir())


def test_a_missing_folder_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(ArchiveUnwritable, match="calls are not stored there"):
        RecordingWriter(tmp_path / "none" / "a.part.wav", 8000)


def test_a_record_comes_back_and_a_torn_one_is_none(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, {"name": "Żółć"})
    assert read_json(path) == {"name": "Żółć"}
    path.write_text('{"name": ')
    assert read_json(path) is None
