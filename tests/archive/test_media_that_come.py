"""Media come, go and come back: what lies on them is taken up, and told."""

import errno
import shutil
from pathlib import Path

import numpy as np
import pytest

from firmware.archive.errors import ArchiveError
from firmware.archive.keeper import Trouble
from firmware.archive.volume import CARD
from tests.archive.media import Failing, Media, whole
from tests.archive.support import RATE, Feed, numbers


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
