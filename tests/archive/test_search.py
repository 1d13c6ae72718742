"""Calls are found by what is known of them, a page at a time, in the order they came."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.archive.catalogue import Catalogue
from firmware.archive.search import Filter, caller_of, match


def record(sequence: int, **facts: Any) -> dict[str, Any]:
    return {
        "id": f"call-{sequence}",
        "line": "1",
        "sequence": sequence,
        "started_at": f"2026-03-{1 + sequence // 24:02}T{sequence % 24:02}:00:00.000+00:00",
        "number": "221234567",
        "direction": "incoming",
        "answered": True,
        "audio": "a.flac",
        **facts,
    }


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return Catalogue(tmp_path / "catalogue.sqlite")


def found(catalogue: Catalogue, **wanted: Any) -> list[int]:
    return [one["sequence"] for one in catalogue.page(Filter(**wanted), 50).calls]


def test_pages_lead_to_the_oldest_call_and_back_without_gap_or_repeat(catalogue: Catalogue) -> None:
    for sequence in range(1, 24):
        catalogue.put(record(sequence), "p")
    seen, page = [], catalogue.page(Filter(), 5)
    while True:
        seen += [one["sequence"] for one in page.calls]
        if page.older is None:
            break
        page = catalogue.page(Filter(), 5, before=page.older)
    assert seen == list(range(23, 0, -1))
    back = [one["sequence"] for one in page.calls]
    while page.newer is not None:
        page = catalogue.page(Filter(), 5, after=page.newer)
        back = [one["sequence"] for one in page.calls] + back
    assert back == seen


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        ({"direction": "outgoing"}, [3]),
        ({"flagged": True}, [4]),
        ({"held": True}, [5]),
        ({"noted": True}, [6]),
        ({"unheard": True}, [8, 6, 5, 4, 3, 1]),
        ({"answered": False}, [2]),
        ({"blind": True}, [9]),
        ({"callers": ("501502503",)}, [8]),
        ({"since": "2026-03-01T07:30:00"}, [9, 8]),
        ({"until": "2026-03-01T02:00:00"}, [1]),
        ({"direction": "incoming", "flagged": True}, [4]),
    ],
)
def test_each_filter_leaves_what_it_says(
    catalogue: Catalogue, wanted: dict[str, Any], numbers: list[int]
) -> None:
    catalogue.put(record(1), "p")
    catalogue.put(record(2, answered=False, outcome="missed", audio=None), "p")
    catalogue.put(record(3, direction="outgoing"), "p")
    catalogue.put(record(4, flagged=True), "p")
    catalogue.put(record(5, held=True), "p")
    catalogue.put(record(6, note="x"), "p")
    catalogue.put(record(7, heard=True), "p")
    catalogue.put(record(8, number="+48 501 502 503"), "p")
    catalogue.put(record(9, kind="blind", direction="", audio=None, number=None), "p")
    assert found(catalogue, **wanted) == numbers


@pytest.mark.parametrize(
    "text", ["Łukasz", "lukasz", "LUKASZ", "ŻÓŁKIEWSKI", "zolk luk", "zażółć", "zazolc", "gęśl"]
)
def test_letters_are_found_with_and_without_their_marks(catalogue: Catalogue, text: str) -> None:
    catalogue.put(record(1, name="Łukasz Żółkiewski", note="Zażółć gęślą jaźń"), "p")
    catalogue.put(record(2, name="Anna", note="nic"), "p")
    assert found(catalogue, text=text) == [1]


@pytest.mark.parametrize(
    "text", ["501502503", "+48 501 502 503", "(501) 502-503", "502503", "1502", "0048501502503"]
)
def test_a_number_is_found_by_any_part_however_it_is_written(
    catalogue: Catalogue, text: str
) -> None:
    catalogue.put(record(1, number="+48501502503"), "p")
    catalogue.put(record(2), "p")
    assert found(catalogue, text=text) == [1]


def test_a_changed_note_is_found_and_the_old_one_is_not(catalogue: Catalogue) -> None:
    catalogue.put(record(1, note="pierwsza"), "p")
    catalogue.put(record(1, note="druga"), "p")
    assert found(catalogue, text="pierwsza") == []
    assert found(catalogue, text="druga") == [1]


def test_a_contact_adds_his_calls_to_what_the_words_found(catalogue: Catalogue) -> None:
    catalogue.put(record(1, name="Nowak", number="1"), "p")
    catalogue.put(record(2, number="501502503"), "p")
    assert found(catalogue, text="nowak", also=("501502503",)) == [2, 1]


@settings(deadline=None)
@given(st.text(max_size=30))
def test_nothing_that_is_typed_is_an_error(text: str) -> None:
    base = sqlite3.connect(":memory:")
    base.execute("CREATE VIRTUAL TABLE words USING fts5(text)")
    if query := match(text):
        base.execute("SELECT * FROM words WHERE words MATCH ?", (query,)).fetchall()
    assert len(caller_of(text)) <= 9


@pytest.mark.parametrize("text", ["'; DROP TABLE calls --", '"', "*", "NEAR(", "a OR b", "( )"])
def test_operators_of_the_index_are_only_text(catalogue: Catalogue, text: str) -> None:
    catalogue.put(record(1, note="nothing of that"), "p")
    assert found(catalogue, text=text) == []
    assert found(catalogue) == [1]


def test_the_release_before_can_write_and_is_found_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite"
    catalogue = Catalogue(path)
    old = sqlite3.connect(path)
    assert old.execute("PRAGMA user_version").fetchone()[0] == 1
    with old:  # the statement of release 0.1
        for name in ("Anna", "Łucja"):
            row = record(7, name=name)
            old.execute(
                "INSERT OR REPLACE INTO calls VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (row["id"], "1", 7, row["started_at"], "22", 0, "p", json.dumps(row)),
            )
    assert found(catalogue, text="lucja") == [7]
    assert found(catalogue, text="anna") == []


def test_a_catalogue_of_the_release_before_is_taken_up(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite"
    catalogue = Catalogue(path)
    catalogue.put(record(1, name="Anna"), "p")
    with sqlite3.connect(path) as base:
        for name in ("listing_insert", "listing_update", "listing_delete"):
            base.execute(f"DROP TRIGGER {name}")
        base.execute("DROP TABLE listing")
        base.execute("DROP TABLE words")
    base.close()
    assert found(Catalogue(path), text="anna") == [1]


def test_calls_of_two_lines_with_one_number_are_both_kept(catalogue: Catalogue) -> None:
    catalogue.put(record(1, id="a"), "p")
    catalogue.put(record(1, id="b", line="2"), "p")
    for _ in range(300):
        catalogue.put(record(1, id="a", note="again"), "p")
    assert {one["id"] for one in catalogue.page(Filter(), 5).calls} == {"a", "b"}


def test_a_hostile_sequence_number_stops_nothing(catalogue: Catalogue) -> None:
    catalogue.put(record(2**62), "p")
    assert found(catalogue) == [2**62]


def test_counts_are_those_of_one_caller_however_his_number_is_written(
    catalogue: Catalogue,
) -> None:
    catalogue.put(record(1), "p")
    catalogue.put(record(2, number="+48221234567", outcome="missed"), "p")
    catalogue.put(record(3, direction="outgoing"), "p")
    catalogue.put(record(4, number="1"), "p")
    counted = catalogue.counts((caller_of("48 22 123 45 67"),))
    assert (counted.calls, counted.incoming, counted.outgoing, counted.missed) == (3, 2, 1, 1)


def test_the_next_unheard_call_is_the_next_later_one_then_the_oldest(catalogue: Catalogue) -> None:
    for sequence in (1, 2, 3, 4):
        catalogue.put(record(sequence, heard=sequence == 3), "p")
    assert catalogue.next_unheard("call-2") == "call-4"
    assert catalogue.next_unheard("call-4") == "call-1"
    for sequence in (1, 2, 4):
        catalogue.put(record(sequence, heard=True), "p")
    assert catalogue.next_unheard("call-4") is None
