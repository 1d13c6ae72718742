"""Encrypted calls: nothing of them lies on the medium in the clear, and all else is as it was."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from firmware.archive import Archive
from firmware.archive.errors import SealedAway
from firmware.archive.keeper import Keeper
from firmware.archive.layout import CATALOGUE
from firmware.archive.recording import Recording
from firmware.archive.recovery import recover
from firmware.archive.vault import Vault
from firmware.archive.volume import CARD, FOLDER, Volumes
from tests.archive.support import RATE, Feed, numbers

NAME = "Genowefa Przykładowa"
SECRETS = ("48221234567", NAME.encode(), b"Przyk", numbers(RATE).tobytes()[2000:2040])


class Box:
    """A box with its state, its medium, and the memory that is empty after a power cut."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.calls = folder / "calls"
        self.memory = folder / "run"

    def vault(self, seals: bool = True) -> Vault:
        return Vault(self.folder / "state", seals, self.memory)

    def feed(self, seals: bool = True, media: Path | None = None) -> Feed:
        mounted = Volumes(self.calls, media, is_mount=lambda _: True, vault=self.vault(seals))
        mounted.scan()
        return Feed(mounted)

    def power_cut(self) -> None:
        shutil.rmtree(self.memory, ignore_errors=True)

    def in_the_clear(self) -> list[str]:
        """The files outside of memory in which something of a call can be read."""
        found = []
        for path in sorted(self.folder.rglob("*")):
            if path.is_file() and self.memory not in path.parents:
                data = path.read_bytes()
                words = [one.encode() if isinstance(one, str) else one for one in SECRETS]
                if any(one in data for one in words) or "48221234567" in path.name:
                    found.append(path.name)
        return found


def killed(held: Recording) -> None:
    """As kill -9 leaves it: what was not written is gone, and the lock with it."""
    writer = held._parts[-1]._writer
    assert writer is not None
    writer._file._writes = False
    writer._file.close()


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


def test_a_call_is_recorded_listed_marked_and_heard(box: Box) -> None:
    feed = box.feed()
    made = feed.call(3.0, name=NAME)
    assert made["sealed"]
    assert "-sealed-" in made["audio"]
    feed.archive.note(made["id"], NAME)
    assert np.array_equal(feed.sound(made["id"]), numbers(3 * RATE))
    assert feed.archive.get(made["id"])["note"] == NAME
    assert feed.archive.get(made["id"])["number"] == "+48221234567"
    assert box.in_the_clear() == []


def test_the_search_for_plain_text_does_find_it_where_calls_are_not_encrypted(box: Box) -> None:
    feed = box.feed(seals=False)
    held = feed.begin(name=NAME)
    feed.feed(held, 2.0)
    found = box.in_the_clear()
    assert any(name.endswith(".part.wav") for name in found)
    assert any(name.endswith(".part.json") for name in found)
    feed.finish(held, name=NAME)
    assert CATALOGUE in box.in_the_clear()


def test_a_running_call_is_not_in_the_clear_for_a_moment(box: Box) -> None:
    feed = box.feed()
    held = feed.begin(name=NAME)
    feed.feed(held, 4.0)
    assert box.in_the_clear() == []
    assert held.waiting_s < 1.0  # and a second at most is not on the medium


def test_after_a_power_cut_the_call_is_there_and_the_list_is_made_anew(box: Box) -> None:
    feed = box.feed()
    first = feed.call(2.0, name=NAME)
    feed.archive.hold(first["id"], True, "Anna", "a case")
    held = feed.begin(name=NAME)
    feed.feed(held, 5.0)
    killed(held)
    box.power_cut()
    again = box.feed()
    calls = again.archive.calls()
    assert [call["sequence"] for call in calls] == [2, 1]
    assert calls[0]["outcome"] == "unfinished"
    assert calls[0]["name"] == NAME
    kept = again.sound(held.id)
    assert 4 * RATE <= len(kept) <= 5 * RATE
    assert np.array_equal(kept, numbers(len(kept)))
    assert calls[1]["held_why"] == "a case"
    assert again.call(1.0)["sequence"] == 3
    assert box.in_the_clear() == []


@pytest.mark.parametrize("torn", [1, 27, 4095, 4097, 9000])
def test_a_torn_tail_is_read_to_its_last_whole_chunk(box: Box, torn: int) -> None:
    feed = box.feed()
    held = feed.begin()
    feed.feed(held, 5.0)
    killed(held)
    [part] = (box.calls / "open").glob("*.part.wav")
    size = part.stat().st_size
    with part.open("r+b") as file:
        file.seek(size - torn)
        file.write(os.urandom(torn))
    os.truncate(part, size - torn // 3)
    again = box.feed()
    [call] = again.archive.calls()
    kept = again.sound(call["id"])
    assert np.array_equal(kept, numbers(len(kept)))
    assert len(kept) >= 5 * RATE - (torn + 3 * 4096) // 2
    assert not call.get("damage")


def test_a_bad_place_in_the_middle_is_a_gap_that_is_told_and_nothing_is_deleted(box: Box) -> None:
    feed = box.feed()
    held = feed.begin()
    feed.feed(held, 5.0)
    killed(held)
    [part] = (box.calls / "open").glob("*.part.wav")
    with part.open("r+b") as file:
        file.seek(4096 + 5 * 4096 + 100)
        file.write(b"spoilt")
    again = box.feed()
    [call] = again.archive.calls()
    [gap] = call["gaps"]
    assert gap["offset"] == 4 * 2034
    assert gap["count"] == 2034
    assert call["damage"]
    kept = again.sound(call["id"])
    assert not kept[gap["offset"] : gap["offset"] + 2034].any()
    assert np.array_equal(kept[:8000], numbers(8000))
    assert list((box.calls / "damaged").glob("*.part.wav"))


def test_a_stick_that_fails_and_comes_back_brings_its_part(box: Box, tmp_path: Path) -> None:
    media = tmp_path / "media"
    (media / "stick").mkdir(parents=True)
    feed = box.feed(media=media)
    stick = feed.keeper.volumes.here()[0]
    held = feed.begin(name=NAME)
    feed.feed(held, 2.0)
    gone = tmp_path / "gone"
    (media / "stick").rename(gone)
    held._parts[-1].error = SealedAway("pulled out")
    feed.feed(held, 2.0)
    feed.keeper.volumes.scan()
    first = feed.finish(held, name=NAME)
    assert first["frames_stored"] < 4 * RATE
    (gone).rename(media / "stick")
    assert (media / "stick" / FOLDER / CARD).exists()
    for volume in feed.keeper.volumes.scan():
        feed.keeper._take_up.take_up(volume)
    call = feed.archive.get(held.id)
    assert stick.id
    assert call["frames_stored"] == 4 * RATE
    assert np.array_equal(feed.sound(held.id), numbers(4 * RATE))
    assert box.in_the_clear() == []


def test_a_call_that_a_kill_broke_off_goes_on_as_the_same_call(box: Box) -> None:
    feed = box.feed()
    facts: dict[str, Any] = {"audio_monotonic": 100.0, "boot_id": "b", "started_monotonic": 100.0}
    held = feed.begin(**facts)
    feed.feed(held, 3.0)
    killed(held)
    volumes = Volumes(box.calls, vault=box.vault())
    again = Feed.__new__(Feed)
    again.archive = Archive(box.calls, vault=volumes.vault)
    again.keeper = Keeper(again.archive, volumes, clock=lambda: 104.0)
    again.keeper.start("b")
    again.happened = []
    on = again.keeper.resume({**held.record, "audio_monotonic": 104.0})
    assert on is not None
    assert on.id == held.id
    again.feed(on, 2.0)
    call = again.finish(on)
    assert call["frames_expected"] == 6 * RATE
    assert [gap["reason"] for gap in call["gaps"]] == ["the recorder was not running"]
    assert len(again.sound(held.id)) == 6 * RATE


def test_a_call_made_private_leaves_a_row_and_no_key_of_its_sound(box: Box) -> None:
    feed = box.feed()
    held = feed.begin(name=NAME)
    feed.feed(held, 2.0)
    feed.keeper.erase(held, {**held.record, "private": True})
    feed.keeper.add_row({**held.record, "private": True}, begun=held)
    feed.keeper.poll()
    [call] = feed.archive.calls()
    assert call["private"]
    assert call["audio"] is None
    assert not box.vault().has_key(Path(f"120000-incoming-sealed-{held.id}.flac"))
    assert box.in_the_clear() == []
    box.power_cut()
    recover(box.feed().archive)
    assert box.feed().archive.get(held.id)["name"] == NAME


def test_open_and_encrypted_calls_stand_in_one_list_whichever_is_chosen_now(box: Box) -> None:
    plain = box.feed(seals=False).call(1.0)
    assert (box.calls / CATALOGUE).exists()
    sealed = box.feed(seals=True).call(1.0)
    assert not (box.calls / CATALOGUE).exists()
    assert (box.memory / CATALOGUE).exists()
    last = box.feed(seals=False)
    newest = last.call(1.0)
    assert not newest.get("sealed")
    assert [call["id"] for call in last.archive.calls()] == [
        newest["id"],
        sealed["id"],
        plain["id"],
    ]
    for one in (plain, sealed, newest):
        assert np.array_equal(last.sound(one["id"]), numbers(RATE))
    assert (box.calls / plain["audio"]).read_bytes()[:4] == b"fLaC"
    assert (box.calls / sealed["audio"]).read_bytes()[:8] == b"TIPSEAL1"


def test_without_its_keys_a_call_stays_and_it_is_said(box: Box) -> None:
    made = box.feed().call(1.0)
    files = sorted(box.calls.rglob("*sealed*"))
    (box.folder / "state").rename(box.folder / "kept")
    box.power_cut()
    feed = box.feed()
    assert feed.archive.calls() == []
    told = [getattr(one, "why", "") for one in feed.happened]
    assert any("1 call encrypted with keys that are not on this box" in why for why in told)
    assert sorted(box.calls.rglob("*sealed*")) == files
    shutil.rmtree(box.folder / "state")
    (box.folder / "kept").rename(box.folder / "state")
    box.power_cut()
    assert box.feed().archive.get(made["id"])["audio"]


def test_the_list_without_a_place_in_memory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SealedAway, match="--config"):
        Archive(tmp_path / "calls", vault=Vault(tmp_path / "state", seals=True))


def test_encryption_can_be_chosen_while_the_box_runs(box: Box) -> None:
    feed = box.feed(seals=False)
    plain = feed.call(1.0)
    page = Archive(box.calls, vault=box.vault(seals=False))  # another process
    feed.archive.vault.seals = True
    sealed = feed.call(1.0, name=NAME)
    assert [call["id"] for call in feed.archive.calls()] == [sealed["id"], plain["id"]]
    assert page.get(sealed["id"])["name"] == NAME
    assert page.get(plain["id"])["number"] == "+48221234567"
    assert page.vault.cache_in(box.folder / "state") == box.memory


def test_a_header_that_was_torn_at_the_end_of_a_call_costs_no_sample(box: Box) -> None:
    feed = box.feed()
    held = feed.begin()
    feed.feed(held, 5.0)
    killed(held)
    [part] = (box.calls / "open").glob("*.part.wav")
    with part.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(512))
    again = box.feed()
    kept = again.sound(again.archive.calls()[0]["id"])
    assert np.array_equal(kept, numbers(len(kept)))
    assert len(kept) > 4 * RATE


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_bytes(b"torn")])
def test_keys_that_cannot_be_opened_stop_no_recording(box: Box, spoil: Any) -> None:
    older = box.feed().call(1.0)
    spoil(box.folder / "state" / "call-master.key")
    volumes = Volumes(box.calls, vault=box.vault())
    why = volumes.vault.mend("1800000000")
    assert "Calls are recorded, under new keys" in why
    assert "call-keys.bin.1800000000" in why
    feed = Feed(volumes)
    newer = feed.call(1.0)
    assert newer["sealed"]
    assert np.array_equal(feed.sound(newer["id"]), numbers(RATE))
    assert (box.calls / older["audio"]).is_file()
    assert volumes.vault.mend("1800000001") == ""
