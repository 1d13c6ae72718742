"""The owner's choices and rules are read anew when they change; a broken file changes nothing."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from firmware.archive.people import People, Person
from firmware.audio import announce
from firmware.config import Config, ConsentConfig, StateConfig
from firmware.consent_terms import TermsBook
from firmware.law import UnknownPlace

ANN = Person("", "Dr Anna", ("+48 22 630 40 75",), "never")


def configured(folder: Path, **chosen: object) -> Config:
    consent = replace(ConsentConfig(), **chosen)  # type: ignore[arg-type]
    return replace(Config(), consent=consent, state=StateConfig(str(folder / "state")))


def told(book: TermsBook) -> dict[str, str]:
    return {one.kind: one.why for one in book.refresh() if one.why}


def test_a_rule_that_is_made_on_the_page_holds_after_the_next_look(tmp_path: Path) -> None:
    book = TermsBook(configured(tmp_path), tmp_path, 8000)
    assert book.terms.numbers.rule("226304075") is None
    people = People(tmp_path / "people.json")
    kept = people.put(ANN)
    assert told(book) == {}
    assert book.terms.numbers.rule("226304075") == "never"
    people.remove(kept.id)
    book.refresh()
    assert book.terms.numbers.rule("226304075") is None


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"people": [{"numbers": 1}]}', '{"people": 3}', "\xff"]
)
def test_broken_contacts_are_an_alarm_and_the_last_good_rules_stand(
    tmp_path: Path, text: str
) -> None:
    People(tmp_path / "people.json").put(ANN)
    book = TermsBook(configured(tmp_path), tmp_path, 8000)
    (tmp_path / "people.json").write_text(text, "latin-1")
    assert "What was read last still holds" in told(book)["number-rules"]
    assert book.terms.numbers.rule("226304075") == "never"
    (tmp_path / "people.json").unlink()
    People(tmp_path / "people.json").put(ANN)
    assert told(book) == {}


def test_what_is_chosen_on_the_page_holds_and_an_unknown_place_does_not(tmp_path: Path) -> None:
    book = TermsBook(configured(tmp_path), tmp_path, 8000)
    book.choose(configured(tmp_path, place="US-CA"))
    book.refresh()
    assert book.terms.settings.rule.place == "US-CA"
    book.choose(configured(tmp_path, place="XX"))
    assert "XX" in told(book)["consent-place"]
    assert book.terms.settings.rule.place == "US-CA"


def test_a_place_in_the_file_that_is_unknown_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(UnknownPlace):
        TermsBook(configured(tmp_path, place="XX"), tmp_path, 8000)


def test_an_unarmed_box_tells_its_owner_that_it_does_not_record(tmp_path: Path) -> None:
    book = TermsBook(configured(tmp_path, place="DE"), tmp_path, 8000)
    why = told(book)["not-armed"]
    assert why.startswith("Calls are not recorded. Germany: § 201")
    book.choose(configured(tmp_path, place="DE", armed="yes"))
    assert told(book) == {}


def test_the_owners_own_announcement_is_taken_once_it_is_there(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    book = TermsBook(configured(tmp_path, announcement="own"), tmp_path, 8000)
    assert "English announcement is played instead" in told(book)["announcement-file"]
    english = announce.announcement("en", 8000)
    assert np.array_equal(book.terms.announcement, english)
    tone = 0.1 * np.sin(np.arange(16000))
    soundfile.write(tmp_path / "state/announcement.wav", tone, 8000)
    assert told(book) == {}
    assert len(book.terms.announcement) == 16000
