"""Recording goes on to another medium, and the parts are one call."""

import errno
import os
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from firmware.archive import finisher, part, recording, writer
from firmware.archive.errors import ArchiveError
from firmware.archive.master import Assembly
from tests.archive.media import Failing, Media, whole
from tests.archive.support import RATE, RECORD, STEP, Feed, numbers


def test_the_stick_is_preferred_and_the_list_is_on_the_boxs_own_medium(media: Media) -> None:
    box = Feed(media.volumes)
    call = box.call(1.0)
    assert box.archive.audio_path(call["id"]).is_relative_to(media.stick / "tipring")
    assert box.archive.calls()[0]["id"] == call["id"]
    box.archive.flag(call["id"], True)
    assert list((media.stick / "tipring").rglob("*.marks.json"))


@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC, errno.EROFS, errno.ENODEV])
def test_a_medium_that_fails_in_a_call_loses_no_sample(
    media: Media, failing: Failing, error: int
) -> None:
    box = Feed(media.volumes)
    held = box.begin()
    box.feed(held, 3.0)
    failing.folder, failing.error = media.stick, error
    box.feed(held, 3.0)
    call = box.finish(held)
    assert whole(box, call["id"], 6.0)
    assert [part["volume"] == "" for part in call["parts"]] == [False, True]
    assert call["frames_stored"] == call["frames_expected"] == 6 * RATE
    assert "damage" not in call
    assert not [path for path in (media.stick / "tipring/open").iterdir()]


def test_a_medium_that_cannot_store_the_master_is_an_alarm_until_one_is_stored_there(
    media: Media, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = finisher.make_masters

    def failing_there(assembly: Assembly, rate: int, base: Path, *rest: Any) -> Any:
        if media.stick in base.parents:
            raise ArchiveError(f"{base}: cannot be written")
        return real(assembly, rate, base, *rest)

    box = Feed(media.volumes)
    with monkeypatch.context() as patch:
        patch.setattr(finisher, "make_masters", failing_there)
        call = box.call(2.0)
    assert whole(box, call["id"], 2.0)
    assert "volume" not in call  # on the box's own medium
    assert "cannot be written" in box.keeper.trouble
    assert "nothing is lost" in box.keeper.trouble
    assert box.call(1.0)["volume"]
    assert box.keeper.trouble == ""


def test_a_failed_sync_counts_as_lost_data_even_on_the_only_medium(
    tmp_path: Path, failing: Failing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "RETRY_S", 0.0)
    box = Feed(tmp_path)
    held = box.begin()
    box.feed(held, 3.0)
    failing.folder, failing.left = tmp_path, 2
    box.feed(held, 3.0)
    call = box.finish(held)
    assert whole(box, call["id"], 6.0)
    assert len(call["parts"]) >= 2
    ends = [part["offset"] + part["frames"] for part in call["parts"]]
    assert ends[:-1] == [part["offset"] for part in call["parts"][1:]]


def test_a_medium_that_hangs_is_left_for_another_and_no_sample_is_lost(
    media: Media, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "STALL_S", 0.2)
    release = threading.Event()
    real = os.fdatasync

    def hanging(handle: int) -> None:
        if media.stick in Path(f"/proc/self/fd/{handle}").readlink().parents:
            release.wait(30)
        real(handle)

    box = Feed(media.volumes, threads=True)
    held = box.begin()
    box.feed(held, 1.0)
    monkeypatch.setattr(os, "fdatasync", hanging)
    while len(held.bases()) < 2:
        box.feed(held, STEP / RATE)
        time.sleep(0.005)
    box.feed(held, 2.0)
    seconds = held.frames / RATE
    box.keeper.finish(held, dict(held.record))
    box.happened += box.keeper.stop()
    release.set()
    assert whole(box, held.id, seconds)
    assert box.entered(held.id)["parts"][-1]["volume"] == ""


def test_a_file_grows_only_so_far_and_the_parts_are_one_call(tmp_path: Path) -> None:
    box = Feed(tmp_path)
    held = box.begin()
    held.part_frames = RATE
    box.feed(held, 5.0)
    call = box.finish(held)
    assert len(call["parts"]) >= 4
    assert whole(box, call["id"], 5.0)


def test_a_full_medium_is_left_before_its_reserve_is_touched(
    media: Media, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = Feed(media.volumes)
    held = box.begin()
    box.feed(held, 1.0)
    stick = media.volumes.here()[0]
    stick.reserve = 2**60
    monkeypatch.setattr(part, "CHECK_BYTES", 4096)
    box.feed(held, 2.0)
    call = box.finish(held)
    assert call["parts"][-1]["volume"] == ""
    assert whole(box, call["id"], 3.0)


def test_without_any_medium_the_call_waits_in_memory_until_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "RETRY_S", 0.0)
    box = Feed(tmp_path)
    held = box.begin()
    box.feed(held, 1.0)
    monkeypatch.setattr(writer.RecordingWriter, "__init__", _refused)
    monkeypatch.setattr(writer.RecordingWriter, "sync", _refused)
    box.feed(held, 2.0)
    assert "cannot be written" in box.keeper.trouble
    monkeypatch.undo()
    box.feed(held, 1.0)
    assert box.keeper.trouble == ""
    assert whole(box, box.finish(held)["id"], 4.0)


def test_what_waits_too_long_in_memory_is_a_gap_that_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "RETRY_S", 0.0)
    box = Feed(tmp_path)
    box.keeper.waiting.limit = 2 * RATE
    with monkeypatch.context() as patch:
        patch.setattr(writer.RecordingWriter, "__init__", _refused)
        held = box.begin()
        box.feed(held, 3.0)
    box.feed(held, 1.0)
    call = box.finish(held)
    assert call["frames_expected"] == 4 * RATE
    assert RATE <= call["frames_expected"] - call["frames_stored"] <= 2 * RATE + 2 * STEP
    assert "no medium could store it" in call["gaps"][0]["reason"]
    stored = call["gaps"][0]["count"]
    assert np.array_equal(box.sound(call["id"])[stored:], numbers(4 * RATE)[stored:])


def _refused(*_: object) -> None:
    raise ArchiveError("/there: cannot be written")


def test_a_private_call_is_erased_from_media_that_failed_before_they_confirmed_a_sample(
    media: Media, failing: Failing
) -> None:
    failing.folder = media.stick
    box = Feed(media.volumes)
    held = box.begin()
    box.feed(held, 3.0)
    assert list(media.stick.rglob("*.part.wav"))
    box.keeper.erase(held, {**RECORD, "private": True})
    assert not list(media.stick.rglob("*.part.wav"))
    assert not list(media.home.rglob("*.part.wav"))
