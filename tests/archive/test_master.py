"""From parts to masters: whatever can be read, in its place."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.archive.master import Assembly, Piece, make_masters
from firmware.archive.vault import Vault
from firmware.archive.writer import RecordingWriter
from tests.archive.support import RATE, numbers


def part(folder: Path, name: str, first: int, count: int) -> Path:
    path = folder / f"{name}.part.wav"
    writer = RecordingWriter(path, RATE, Vault())
    writer.append(numbers(count, first).tobytes())
    writer.close()
    return path


def joined(assembly: Assembly) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    blocks = list(assembly.blocks())
    return np.concatenate(blocks) if blocks else np.zeros(0, np.int16)


def test_a_call_longer_than_a_file_may_be_has_several_masters(tmp_path: Path) -> None:
    path = part(tmp_path, "a", 0, 3 * RATE)
    assembly = Assembly([Piece(path, 0, 3 * RATE)], 3 * RATE)
    masters, _ = make_masters(assembly, RATE, tmp_path / "call", limit=2 * 2 * RATE)
    assert [one.path.name for one in masters] == ["call.flac", "call-1.flac"]
    assert [(one.offset, one.frames) for one in masters] == [(0, 2 * RATE), (2 * RATE, RATE)]
    sound = [soundfile.read(one.path, dtype="int16")[0] for one in masters]
    assert np.array_equal(np.concatenate(sound), numbers(3 * RATE))


def test_a_part_that_is_away_is_silence_of_its_length(tmp_path: Path) -> None:
    path = part(tmp_path, "b", RATE, RATE)
    assembly = Assembly([Piece(None, 0, RATE), Piece(path, RATE, RATE)], 2 * RATE)
    sound = joined(assembly)
    assert not sound[:RATE].any()
    assert np.array_equal(sound[RATE:], numbers(RATE, RATE))
    assert assembly.missing == [{"offset": 0, "count": RATE, "reason": "its medium is not here"}]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 900), st.integers(1, 400)), max_size=5), st.data())
def test_the_length_is_always_right_and_what_any_part_has_is_there(
    tmp_path_factory: pytest.TempPathFactory, spans: list[tuple[int, int]], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("parts")
    total = data.draw(st.integers(0, 1200))
    pieces = [
        Piece(part(folder, str(number), offset, count), offset, count)
        for number, (offset, count) in enumerate(sorted(set(spans)))
    ]
    sound = joined(Assembly(pieces, total))
    assert len(sound) == total
    wanted = np.zeros(total, np.int16)
    for offset, count in spans:
        wanted[offset : offset + count] = numbers(total)[offset : offset + count]
    assert np.array_equal(sound, wanted)


def test_parts_that_overlap_and_follow_each_other_lose_nothing(tmp_path: Path) -> None:
    pieces = [
        Piece(part(tmp_path, "a", 0, 700), 0, 700),
        Piece(part(tmp_path, "b", 500, 700), 500, 700),
        Piece(part(tmp_path, "c", 1200, 300), 1200, 300),
    ]
    assembly = Assembly(pieces, 1500)
    assert np.array_equal(joined(assembly), numbers(1500))
    assert assembly.missing == []
