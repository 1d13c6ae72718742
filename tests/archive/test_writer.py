"""One file of a recording is on the medium while the call runs."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from firmware.archive.errors import ArchiveUnwritable
from firmware.archive.files import read_json, write_json
from firmware.archive.vault import Vault
from firmware.archive.writer import HEADER_BYTES, RecordingWriter, data_offset, sync_bytes
from tests.archive.support import RATE, numbers


def test_what_was_written_is_in_the_file_before_it_is_closed(tmp_path: Path) -> None:
    writer = RecordingWriter(tmp_path / "a.part.wav", RATE, Vault())
    for first in range(0, 16000, 160):
        writer.append(numbers(160, first).tobytes())
    data = (tmp_path / "a.part.wav").read_bytes()[HEADER_BYTES:]
    assert np.array_equal(np.frombuffer(data, "<i2"), numbers(16000))


def test_a_closed_recording_is_a_sample_exact_wav(tmp_path: Path) -> None:
    path = tmp_path / "a.part.wav"
    writer = RecordingWriter(path, RATE, Vault())
    writer.append(numbers(16000).tobytes())
    writer.close()
    sound, rate = soundfile.read(path, dtype="int16")
    assert rate == RATE
    assert np.array_equal(sound, numbers(16000))
    assert path.stat().st_size == HEADER_BYTES + 32000


@pytest.mark.parametrize("rate", [8000, 16000])
def test_the_medium_confirms_whole_blocks_less_than_a_second_apart(
    tmp_path: Path, rate: int
) -> None:
    writer = RecordingWriter(tmp_path / "a.part.wav", rate, Vault())
    for first in range(0, 2 * rate, 160):
        writer.append(numbers(160, first).tobytes())
        assert writer.confirmed % 4096 == 0
        assert (writer.stored - writer.confirmed) / 2 < 0.8 * rate
    assert sync_bytes(rate) % 4096 == 0


def test_the_samples_of_an_older_release_begin_behind_44_bytes(tmp_path: Path) -> None:
    path = tmp_path / "old.wav"
    soundfile.write(path, numbers(100), RATE, "PCM_16")
    assert data_offset(path.read_bytes()[:44]) == 44


def test_an_erased_recording_is_gone(tmp_path: Path) -> None:
    writer = RecordingWriter(tmp_path / "a.part.wav", RATE, Vault())
    writer.append(numbers(16000).tobytes())
    writer.erase()
    assert not list(tmp_path.iterdir())


def test_a_missing_folder_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(ArchiveUnwritable, match="calls are not stored there"):
        RecordingWriter(tmp_path / "none" / "a.part.wav", RATE, Vault())


def test_a_record_comes_back_and_a_torn_one_is_none(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, {"name": "Żółć"})
    assert read_json(path) == {"name": "Żółć"}
    path.write_text('{"name": ')
    assert read_json(path) is None
