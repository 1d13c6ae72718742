"""Polish and English: which of them a page is in, and dates, times and numbers in its form."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import lru_cache

from babel import Locale
from flask import Flask, g, has_request_context, request, session
from flask_babel import (
    Babel,
    format_date,
    format_decimal,
    format_time,
    format_timedelta,
    get_locale,
)
from flask_babel import gettext as _

LANGUAGES = {"en": "English", "pl": "Polski"}


def install(app: Flask, chosen: Callable[[], str], country: Callable[[], str]) -> None:
    """`chosen`: the box's own language, "" where the browser's preference decides.

    English dates and times are those of Britain unless the line is in the United States.
    """

    def pick() -> str:
        own = chosen()
        if has_request_context():
            own = str(session.get("language", "")) or own
            own = own or request.accept_languages.best_match(LANGUAGES) or "en"
        if own == "pl":
            return "pl"
        return "en_US" if country() == "US" else "en_GB"

    Babel(app, locale_selector=pick, default_translation_directories="translations")
    app.jinja_env.globals.update(
        language=language, languages=LANGUAGES, day_words=day_words, time_words=time_words,
        moment_words=moment_words, phone=phone, count=format_decimal, span_words=span_words,
        country_words=country_words, stamp_words=stamp_words,
    )  # fmt: skip


def language() -> str:
    """The language of this answer: pl or en."""
    found = get_locale()
    return found.language if found else "en"


def local(at: object) -> datetime | None:
    """A time of a record (ISO 8601) in the box's own time zone; None where it is none."""
    try:
        return datetime.fromisoformat(str(at)).astimezone()
    except (ValueError, OverflowError, OSError):
        return None


def day_words(day: date | None) -> str:
    """Today, Yesterday, or Monday, 4 March (with the year where it is another)."""
    if day is None:
        return _("Day unknown")
    today = datetime.now().astimezone().date()
    if day == today:
        return _("Today")
    if day == today - timedelta(days=1):
        return _("Yesterday")
    pattern = "EEEE, d MMMM" if day.year == today.year else "EEEE, d MMMM y"
    said = format_date(day, pattern, rebase=False)
    return said[:1].upper() + said[1:]


def time_words(at: object) -> str:
    """The time of day, in the language's form."""
    found = local(at)
    return format_time(found, "short", rebase=False) if found else "?"


def moment_words(at: object) -> str:
    """Date and time, with seconds where they were measured."""
    found = local(at)
    if found is None:
        return str(at)
    return (
        f"{format_date(found, 'long', rebase=False)}, {format_time(found, 'medium', rebase=False)}"
    )


def stamp_words(at: object) -> str:
    """Date and time in short, for what stands in a list: 4 Mar 2026, 16:12:40."""
    found = local(at)
    if found is None:
        return str(at)
    day = format_date(found, "medium", rebase=False)
    return f"{day}, {format_time(found, 'medium', rebase=False)}"


def span_words(seconds: float) -> str:
    """Roughly how long: 3 days."""
    return format_timedelta(timedelta(seconds=seconds), granularity="minute")


def country_words(code: str) -> str:
    """The country's name in the page's language."""
    return str((get_locale() or Locale("en")).territories.get(code, code))


def phone(number: object) -> str:
    """A number as people of its country write it; what is no number stays as it came."""
    text = "" if number is None else str(number)
    return _phone(text, getattr(g, "country", "PL") if has_request_context() else "PL")


@lru_cache(maxsize=4096)
def _phone(text: str, country: str) -> str:
    import phonenumbers as book

    if not text.strip("+0123456789 -()") and sum(one.isdigit() for one in text) >= 7:
        try:
            parsed = book.parse(text, country)
        except book.NumberParseException:
            return text
        if book.is_possible_number(parsed):
            home = book.region_code_for_number(parsed) == country
            form = book.PhoneNumberFormat
            return str(book.format_number(parsed, form.NATIONAL if home else form.INTERNATIONAL))
    return text
