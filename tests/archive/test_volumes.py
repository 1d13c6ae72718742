"""Recording goes on to another medium, and the parts are one call."""

import errno
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from firmware.archive import finisher, part, recording, writer
from firmware.archive.errors import ArchiveError
from firmware.archive.keeper import Trouble
from firmware.archive.master import Assembly
from firmware.archive.volume import CARD, Volumes
from tests.archive.support import RATE, RECORD, STEP, Feed, numbers


class Media:
    """Two media that are folders: the box's own and a stick."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.media = folder / "media"
        self.away = folder / "away"
        self.stick = self.media / "sda1"
        self.stick.mkdir(parents=True)
        self.volumes = Volumes(self.home, self.media, is_mount=Path.is_dir)

    def pull(self) -> None:
        self.stick.rename(self.away)

    def put_back(self) -> None:
        self.away.rename(self.stick)


@pytest.fixture
def media(tmp_path: Path) -> Media:
    return Media(tmp_path)


def whole(box: Feed, call_id: str, seconds: float) -> bool:
    return np.array_equal(box.sound(call_id), numbers(round(seconds * RATE)))


class Failing:
    """Makes a system call fail in one folder."""

    def __init__(self, patch: pytest.MonkeyPatch, name: str) -> None:
        self.folder: Path | None = None
        self.error = errno.EIO
        self.left = 10**9
        real: Callable[..., Any] = getattr(os, name)

        def failing(handle: int, *rest: Any) -> Any:
            path = Path(f"/proc/self/fd/{handle}").readlink()
            if self.folder in path.parents and self.left > 0 and path.name.endswith(".part.wav"):
                self.left -= 1
                raise OSError(self.error, os.strerror(self.error))
            return real(handle, *rest)

        patch.setattr(os, name, failing)


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Failing]:
    yield Failing(monkeypatch, "fdatasync")


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


def test_a_stick_pulled_out_and_put_back_makes_the_call_whole_again(
    media: Media, failing: Failing
) -> None:
    box = Feed(media.volumes)
    held = box.begin()
    box.feed(held, 3.0)
    failing.folder, failing.error = media.stick, errno.EIO
    media.pull()
    failing.folder = media.away
    box.feed(held, 3.0)
    media.volumes.scan()
    call = box.finish(held)
    offset = call["parts"][1]["offset"]
    assert RATE < offset <= 3 * RATE
    assert call["gaps"] == [{"offset": 0, "count": offset, "reason": "its medium is not here"}]
    assert np.array_equal(box.sound(call["id"])[offset:], numbers(6 * RATE)[offset:])
    first = box.archive.audio_path(call["id"])
    failing.folder = None
    media.put_back()
    box.keeper._scan()
    box.happened += box.keeper.poll()
    joined = box.archive.get(call["id"])
    assert whole(box, call["id"], 6.0)
    assert (joined["gaps"], joined["frames_stored"]) == ([], 6 * RATE)
    assert first.exists()
    assert first != box.archive.audio_path(call["id"])
    assert not list((media.stick / "tipring/open").iterdir())


def test_a_call_on_a_medium_that_is_out_is_listed_and_says_where_it_is(media: Media) -> None:
    box = Feed(media.volumes)
    call = box.call(1.0)
    media.pull()
    media.volumes.scan()
    assert [one["id"] for one in box.archive.calls()] == [call["id"]]
    with pytest.raises(ArchiveError, match="USB medium sda1, which is not here now. Plug it in"):
        box.archive.audio_path(call["id"])
    media.put_back()
    media.volumes.scan()
    assert whole(box, call["id"], 1.0)


def test_a_stick_that_comes_back_is_taken_up_for_the_next_call(media: Media) -> None:
    media.pull()
    media.volumes.scan()
    box = Feed(media.volumes)
    assert box.call(0.5)["parts"][0]["volume"] == ""
    media.put_back()
    media.volumes.scan()
    assert box.call(0.5)["parts"][0]["volume"] != ""


def test_calls_of_a_stick_are_entered_when_the_list_is_lost(media: Media) -> None:
    box = Feed(media.volumes)
    call = box.call(0.5)
    box.archive.flag(call["id"], True)
    (media.home / "catalogue.sqlite").unlink()
    again = Feed(media.volumes)
    [found] = again.archive.calls()
    assert (found["id"], found["flagged"]) == (call["id"], True)
    assert whole(again, call["id"], 0.5)
    assert again.call(0.2)["sequence"] == 2


def test_two_sticks_that_are_copies_of_each_other_are_told_and_one_is_used(media: Media) -> None:
    Feed(media.volumes)
    shutil.copytree(media.stick, media.media / "sdb1")
    media.volumes.scan()
    [told] = media.volumes.warnings
    assert "sdb1 and the USB medium sda1 say that they are the same volume" in told
    assert CARD in told
    assert len(media.volumes.here()) == 2
    box = Feed(media.volumes)
    assert any(isinstance(one, Trouble) and "same volume" in one.why for one in box.happened)


def test_two_sticks_with_the_same_label_are_two_volumes(media: Media) -> None:
    (media.media / "sda11").mkdir()
    media.volumes.scan()
    assert len({one.id for one in media.volumes.here()}) == 3


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


def test_what_is_damaged_on_a_stick_that_comes_is_told_with_the_seconds(media: Media) -> None:
    box = Feed(media.volumes)
    calls = [box.call(2.0) for _ in range(3)]
    for call in calls[:2]:
        box.archive.audio_path(call["id"]).write_bytes(b"")
    media.pull()
    shutil.rmtree(media.home)
    media.volumes.scan()
    again = Feed(media.volumes)
    media.put_back()
    again.keeper._scan()
    told = [one.why for one in again.keeper.poll() if isinstance(one, Trouble) and one.why]
    assert any("2 calls damaged, 4 s missing" in why for why in told)
    assert len(again.archive.calls()) == 3


@pytest.mark.parametrize("torn", [False, True])
def test_calls_whose_medium_is_another_one_now_are_heard_from_it(media: Media, torn: bool) -> None:
    """The owner copied his recordings to a larger stick; or the stick's own card was torn."""
    box = Feed(media.volumes)
    call = box.call(0.5)
    box.archive.note(call["id"], "żółw")
    media.pull()
    media.volumes.scan()
    copied = media.media / "sdb1"
    shutil.copytree(media.away, copied)
    if torn:
        (copied / "tipring" / CARD).write_text("{")
    else:
        (copied / "tipring" / CARD).unlink()
    box.keeper._scan()
    box.keeper.poll()
    assert whole(box, call["id"], 0.5)
    assert box.archive.audio_path(call["id"]).is_relative_to(copied)
    [found] = box.archive.calls()
    assert (found["note"], found["sequence"]) == ("żółw", call["sequence"])
    media.put_back()  # both are here now: nothing changes
    box.keeper._scan()
    box.keeper.poll()
    assert whole(box, call["id"], 0.5)


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


@pytest.mark.parametrize("name", ["tipring", "tipring/open"])
def test_a_stick_whose_folder_leads_elsewhere_is_not_used_and_that_is_told(
    media: Media, tmp_path: Path, name: str
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    link = media.stick / name
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(elsewhere)
    box = Feed(media.volumes)
    call = box.call(0.5)
    assert call["parts"][0]["volume"] == ""
    assert list(elsewhere.iterdir()) == []
    told = [one.why for one in box.happened if isinstance(one, Trouble)]
    assert any("the USB medium sda1 is not used" in why for why in told)
