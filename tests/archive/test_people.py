"""Contacts: a number has one name, however it is written."""

from pathlib import Path

from firmware.archive.people import People, Person


def test_a_person_is_found_by_number_and_by_name(tmp_path: Path) -> None:
    people = People(tmp_path / "people.json")
    kept = people.put(Person("", "Łucja Żak", ("+48 501 502 503",), "hold"))
    assert people.of("501502503") == kept
    assert People(tmp_path / "people.json").of("0048501502503") == kept
    assert people.of("501502504") is None
    assert people.of(None) is None
    assert people.named("zak luc") == [kept]
    assert people.named("ucja") == []


def test_another_process_sees_the_change(tmp_path: Path) -> None:
    one, other = People(tmp_path / "people.json"), People(tmp_path / "people.json")
    assert other.all() == []
    kept = one.put(Person("", "Anna", ("22",)))
    assert other.all() == [kept]
    other.remove(kept.id)
    assert one.all() == []


def test_a_torn_file_is_an_empty_book(tmp_path: Path) -> None:
    (tmp_path / "people.json").write_text("{")
    assert People(tmp_path / "people.json").all() == []
