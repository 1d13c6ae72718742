"""Polish and English are complete: a sentence that lacks its translation is found here."""

import re
from gettext import GNUTranslations

import pytest
from babel.messages.catalog import Message
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.translations import LANGUAGES, compiled, path_of, read, template
from tests.web.conftest import Page

PLACE = re.compile(r"%\((\w+)\)")


def strings(message: Message) -> list[str]:
    return list(message.string) if message.pluralizable else [str(message.string)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_lacks_its_translation(language: str) -> None:
    catalog, sentences = read(language), template()
    assert len(sentences) > 200
    for message in sentences:
        if not message.id:
            continue
        found = catalog.get(message.id, message.context)
        assert found, message.id
        assert all(strings(found)), message.id
        assert not found.fuzzy, message.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_fills_in_what_the_sentence_does(language: str) -> None:
    for message in read(language):
        if message.id:
            wanted = set(PLACE.findall(message.id[-1] if message.pluralizable else message.id))
            for text in strings(message):
                assert set(PLACE.findall(text)) == wanted, text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_that_of_the_text(language: str) -> None:
    assert path_of(language).with_suffix(".mo").read_bytes() == compiled(read(language))


@settings(deadline=None)
@given(st.integers(0, 10_000))
def test_polish_plurals_are_those_of_the_language(number: int) -> None:
    with path_of("pl").with_suffix(".mo").open("rb") as file:
        said = GNUTranslations(file).ngettext("%(num)s call", "%(num)s calls", number)
    few = number % 10 in (2, 3, 4) and number % 100 not in (12, 13, 14)
    assert said.split()[1] == ("rozmowa" if number == 1 else "rozmowy" if few else "rozmów")


def test_the_browsers_preference_decides_until_the_owner_does(page: Page) -> None:
    page.call(answered=False, outcome="missed")
    polish = {"Accept-Language": "pl-PL,pl;q=0.9,en;q=0.5"}
    assert "przychodząca, nieodebrana" in page.get("/", headers=polish).text
    assert 'lang="pl"' in page.get("/", headers=polish).text
    assert "incoming, missed" in page.get("/", headers={"Accept-Language": "fr"}).text
    page.send("/settings", language="pl", country="PL")
    assert "przychodząca, nieodebrana" in page.get("/", headers={"Accept-Language": "en"}).text


def test_dates_are_in_the_form_of_the_language(page: Page) -> None:
    page.call(started_at="2024-02-29T15:04:00+00:00")
    assert "Thursday, 29 February 2024" in page.get("/").text
    assert "Czwartek, 29 lutego 2024" in page.get("/", headers={"Accept-Language": "pl"}).text
    page.send("/settings", language="en", country="US")
    assert re.search(r"3:04\sPM|\d:04\s[AP]M", page.get("/").text)
