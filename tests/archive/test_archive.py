"""What a call leaves in the archive."""

import sqlite3
from pathlib import Path

import numpy as np
import pytest

from firmware.archive import Archive
from firmware.archive.errors import CatalogueTooNew, NoSuchCall
from firmware.archive.files import read_json
from firmware.archive.identity import uuid7
from tests.archive.support import RATE, RECORD, Feed, numbers


def test_a_call_leaves_a_flac_master_and_a_record_beside_it(tmp_path: Path) -> None:
    box = Feed(tmp_path)
    call = box.call(2.0)
    master = box.archive.audio_path(call["id"])
    assert master.parent == tmp_path / "2026/03/04"
    assert master.name == f"050607-incoming-+48221234567-{call['id']}.flac"
    assert np.array_equal(box.sound(call["id"]), numbers(2 * RATE))
    assert read_json(master.with_suffix(".json")) == call == box.archive.get(call["id"])
    assert call["frames_stored"] == call["frames_expected"] == 16000
    assert list((tmp_path / "open").iterdir()) == []


def test_pages_follow_the_sequence_which_has_no_gaps(tmp_path: Path) -> None:
    box = Feed(tmp_path)
    for _ in range(2):
        box.keeper.add_row(RECORD)
        box.call(0.2)
    box.keeper.add_row(RECORD)
    first = box.archive.calls(limit=3)
    assert [call["sequence"] for call in first] == [5, 4, 3]
    assert [call["sequence"] for call in box.archive.calls(limit=3, before=3)] == [2, 1]


def test_a_catalogue_of_a_newer_release_is_refused_and_left_alone(tmp_path: Path) -> None:
    Feed(tmp_path).call()
    with sqlite3.connect(tmp_path / "catalogue.sqlite") as base:
        base.execute("PRAGMA user_version = 99")
    with pytest.raises(CatalogueTooNew, match="The recordings are safe"):
        Archive(tmp_path)


def test_what_was_found_out_later_stands_beside_the_record_and_not_in_it(tmp_path: Path) -> None:
    box = Feed(tmp_path)
    call = box.call()
    box.archive.add_later(call["id"], outcome="other")
    box.archive.note(call["id"], "mine")
    found = box.archive.get(call["id"])
    assert (found["outcome"], found["note"]) == ("other", "mine")
    sidecar = box.archive.audio_path(call["id"]).with_suffix(".json")
    assert read_json(sidecar) == call


def test_an_unknown_call_is_said(tmp_path: Path) -> None:
    with pytest.raises(NoSuchCall):
        Archive(tmp_path).get("../../etc/passwd")


def test_ids_sort_by_time_and_carry_version_and_variant() -> None:
    early, late = uuid7(1_000, b"\xff" * 10), uuid7(1_001, bytes(10))
    assert early < late
    assert late == "00000000-03e9-7000-8000-000000000000"
