"""Dates, numbers, plurals and telephone numbers, in the form of the reader's language."""

from collections.abc import Iterator
from gettext import GNUTranslations
from time import tzset

import pytest
from flask import g
from flask_babel import force_locale, format_decimal

from scripts.translations import path_of, read
from tests.web.conftest import Page
from web.language import moment_words, phone, span_words, stamp_words, time_words

AT = "2026-03-04T16:05:09+00:00"


@pytest.fixture
def in_utc() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "UTC")
        tzset()
        yield
    tzset()


@pytest.mark.parametrize(
    ("country", "number", "said"),
    [
        ("PL", "501502503", "501 502 503"),
        ("PL", "+48221234567", "22 123 45 67"),
        ("PL", "+4915112345678", "+49 1511 2345678"),
        ("GB", "02079460018", "020 7946 0018"),
        ("GB", "+48501502503", "+48 501 502 503"),
        ("US", "2025550143", "(202) 555-0143"),
        ("DE", "03012345678", "030 12345678"),
        ("PL", "112", "112"),
        ("PL", "*21*501502503#", "*21*501502503#"),
        ("PL", "", ""),
    ],
)
def test_a_number_is_written_as_in_its_country(
    page: Page, country: str, number: str, said: str
) -> None:
    page.call(number=number, answered=False, outcome="missed")
    page.send("/settings", language="", country=country)
    with page.app.test_request_context():
        g.country = country
        assert phone(number) == said
    assert not said or f">{said}</bdi>" in page.get("/").text


@pytest.mark.parametrize(
    ("locale", "moment", "stamp", "time", "days", "decimal"),
    [
        ("pl", "4 marca 2026, 16:05:09", "4 mar 2026, 16:05:09", "16:05", "3 dni", "1234,5"),
        ("en_GB", "4 March 2026, 16:05:09", "4 Mar 2026, 16:05:09", "16:05", "3 days", "1,234.5"),
        ("en_US", "March 4, 2026, 4:05:09 PM", "Mar 4, 2026, 4:05:09 PM", "4:05 PM", "3 days",
         "1,234.5"),
    ],
)  # fmt: skip
def test_dates_times_and_numbers_are_in_local_form(
    page: Page,
    in_utc: None,
    locale: str,
    moment: str,
    stamp: str,
    time: str,
    days: str,
    decimal: str,
) -> None:
    def plain(text: str) -> str:
        return text.replace("\u202f", " ").replace("\xa0", " ")

    with page.app.test_request_context(), force_locale(locale):
        assert plain(moment_words(AT)) == moment
        assert plain(stamp_words(AT)) == stamp
        assert plain(time_words(AT)) == time
        assert span_words(3 * 86400) == days
        assert plain(format_decimal(1234.5)).replace("1 234", "1234") == decimal


@pytest.mark.parametrize(("number", "form"), [(1, 0), (2, 1), (5, 2), (12, 2), (22, 1), (0, 2)])
def test_every_counted_sentence_is_right_in_polish_for_one_two_five_and_twenty_two(
    number: int, form: int
) -> None:
    with path_of("pl").with_suffix(".mo").open("rb") as file:
        made = GNUTranslations(file)
    counted = [one for one in read("pl") if one.pluralizable]
    assert len(counted) > 30
    for one in counted:
        assert len(one.string) == 3, one.id
        assert made.ngettext(*one.id, number) == one.string[form]
        assert "%(n" in one.string[0], one.id  # "1 rozmowa", not "rozmowa"
