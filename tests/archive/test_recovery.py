"""What a crash, a power cut or a bad medium leaves to find."""

import errno
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from firmware.archive import Archive, finisher
from firmware.archive.files import read_json, write_json
from firmware.archive.recovery import recover
from firmware.archive.volume import Volumes
from tests.archive.crashed import damaged, killed, restarted
from tests.archive.support import RATE, RECORD, Feed, numbers


def spoil(patch: pytest.MonkeyPatch, part: Path) -> None:
    """The medium gives an error wherever the part is opened."""
    real = Path.open

    def failing(path: Path, *rest: Any, **more: Any) -> Any:
        if path == part:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return real(path, *rest, **more)

    patch.setattr(Path, "open", failing)


def test_a_part_that_cannot_be_read_is_told_and_left_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = killed(tmp_path)
    with monkeypatch.context() as patch:
        spoil(patch, part)
        _, report = restarted(tmp_path)
    assert f"{part.name} cannot be read (Input/output error)" in report.words()
    assert part.is_file()
    archive, report = restarted(tmp_path)  # the medium is well again
    [call] = archive.calls()
    heard, _ = soundfile.read(archive.audio_path(call["id"]), dtype="int16")
    assert np.array_equal(heard, numbers(2 * RATE)[: len(heard)])
    assert len(heard) > RATE


def test_a_part_of_a_private_call_goes_though_it_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = killed(tmp_path)
    begun = read_json(part.with_name(part.name.replace(".part.wav", ".part.json")))
    assert begun is not None
    archive = Archive(tmp_path)
    archive.add_row({**begun, "private": True})
    spoil(monkeypatch, part)
    recover(archive)
    assert not part.exists()


def test_a_crash_in_a_call_leaves_an_unfinished_call_that_plays(tmp_path: Path) -> None:
    part = killed(tmp_path)
    with part.open("ab") as file:
        file.write(b"\x01")
    archive, report = restarted(tmp_path)
    assert [call["id"] for call in report.closed] == [part.name.split("-", 3)[3][:36]]
    assert report.words() == "1 call cut off and kept as far as it was recorded"
    assert not report.bad
    [call] = archive.calls()
    assert (call["outcome"], call["number"]) == ("unfinished", RECORD["number"])
    sound, _ = soundfile.read(archive.audio_path(call["id"]), dtype="int16")
    assert np.array_equal(sound, numbers(2 * RATE))
    assert recover(archive).closed == []


def test_a_running_call_is_left_alone_by_whoever_opens_the_archive(tmp_path: Path) -> None:
    box = Feed(tmp_path)
    held = box.begin()
    box.feed(held, 1.0)
    assert recover(Archive(tmp_path)).closed == []
    box.feed(held, 1.0)
    assert box.finish(held)["frames_stored"] == 16000


@pytest.mark.parametrize(
    "step", ["make_masters", "Archive.enter", "Archive.put", "Finisher._clear"]
)
def test_a_crash_while_a_call_is_closed_leaves_that_call_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    box = Feed(tmp_path)
    held = box.begin(number=None)
    box.feed(held, 2.0)

    def power_cut(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(f"{finisher.__name__}.{step}", power_cut)
        with pytest.raises(KeyboardInterrupt):
            box.finish(held, number=None)
    archive, report = restarted(tmp_path)
    assert report.words() == "1 call completed"
    [call] = archive.calls()
    assert (call["outcome"], call["sequence"]) == ("answered", 1)
    assert [path.suffix for path in tmp_path.rglob("*.flac*")] == [".flac"]
    assert list((tmp_path / "open").iterdir()) == []
    sound, _ = soundfile.read(archive.audio_path(call["id"]), dtype="int16")
    assert np.array_equal(sound, numbers(2 * RATE))


def test_a_crash_between_a_row_and_its_place_leaves_the_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = Feed(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(Archive, "put", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            box.keeper.add_row({**RECORD, "outcome": "missed"})
    archive, _ = restarted(tmp_path)
    assert [call["outcome"] for call in archive.calls()] == ["missed"]
    assert list((tmp_path / "open").iterdir()) == []


def test_a_private_call_that_a_crash_cut_off_leaves_a_row_and_no_audio(tmp_path: Path) -> None:
    box = Feed(tmp_path)
    held = box.begin()
    box.feed(held, 1.0)
    box.keeper.erase(held, {**RECORD, "outcome": "private", "private": True})
    archive, _ = restarted(tmp_path)
    [call] = archive.calls()
    assert (call["id"], call["private"], call["audio"]) == (held.id, True, None)
    assert not [path for path in tmp_path.rglob("*") if path.suffix in (".wav", ".flac")]


def test_a_part_that_lost_its_end_is_told_and_kept_aside(tmp_path: Path) -> None:
    part = killed(tmp_path)
    begun = part.with_name(part.name.replace(".part.wav", ".part.json"))
    record = read_json(begun) or {}
    facts = [{"volume": "", "name": part.name.removesuffix(".part.wav"), "offset": 0}]
    facts[0]["frames"] = 2 * RATE  # type: ignore[assignment]
    record |= {"closed": True, "frames_expected": 2 * RATE, "frames_stored": 2 * RATE}
    write_json(begun, {**record, "parts": facts, "gaps": []})
    with part.open("r+b") as file:
        file.truncate(4096 + RATE * 2)
    archive, report = restarted(tmp_path)
    assert "1 call damaged, 1 s missing" in report.words()
    [call] = archive.calls()
    assert call["gaps"] == [{"offset": RATE, "count": RATE, "reason": "is not on the medium"}]
    assert call["frames_stored"] == RATE
    sound, _ = soundfile.read(archive.audio_path(call["id"]), dtype="int16")
    assert np.array_equal(sound[:RATE], numbers(RATE))
    assert (tmp_path / "damaged" / part.name).exists()


def test_a_part_without_its_record_is_still_a_call(tmp_path: Path) -> None:
    part = killed(tmp_path)
    part.with_name(part.name.replace(".part.wav", ".part.json")).write_text('{"id"')
    archive, report = restarted(tmp_path)
    [call] = archive.calls()
    assert call["number"] == RECORD["number"]
    assert call["frames_stored"] == 2 * RATE
    assert "1 call damaged, 0 s missing" in report.words()


def test_a_call_that_was_begun_and_has_no_sample_is_a_row(tmp_path: Path) -> None:
    killed(tmp_path).unlink()
    archive, _ = restarted(tmp_path)
    [call] = archive.calls()
    assert (call["outcome"], call["audio"]) == ("unfinished", None)
    assert list((tmp_path / "open").iterdir()) == []


def test_a_call_of_which_only_the_master_is_left_is_heard(tmp_path: Path) -> None:
    box = Feed(tmp_path)
    call = box.call(1.0)
    master = box.archive.audio_path(call["id"])
    master.with_suffix(".json").unlink()
    write_json(tmp_path / "open" / f"{master.stem}.part.json", {**RECORD, "id": call["id"]})
    archive, _ = damaged(tmp_path)
    [found] = archive.calls()
    assert found["frames_stored"] == RATE
    assert np.array_equal(
        soundfile.read(archive.audio_path(call["id"]), dtype="int16")[0], numbers(RATE)
    )


def test_what_is_recovered_twice_is_recovered_once(tmp_path: Path) -> None:
    killed(tmp_path)
    archive, _ = restarted(tmp_path)
    before = archive.calls()
    assert recover(archive, Volumes(tmp_path)).words() == "nothing was left to be recovered"
    assert archive.calls() == before
