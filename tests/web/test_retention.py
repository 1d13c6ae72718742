"""Storage: what the media hold, what would go and why, and nothing goes unasked."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from firmware.archive.files import write_json
from firmware.choices import FILE
from tests.web.conftest import PASSWORD, Page

ZERO = dict.fromkeys(("days", "incoming_days", "outgoing_days", "calls", "free_mb"), "0")


def aged(page: Page, days: float, **facts: Any) -> dict[str, Any]:
    at = datetime.now(UTC) - timedelta(days=days)
    return page.call(started_at=at.isoformat(timespec="milliseconds"), **facts)


def text(page: Page, path: str) -> str:
    return str(page.get(path).get_data(as_text=True))


def log_in_anew(page: Page) -> None:
    """As after the minutes in which the password need not be typed again."""
    page.send("/logout", form="/settings")
    page.send("/login", password=PASSWORD)


def test_the_media_are_listed_with_what_is_free(page: Page) -> None:
    shown = text(page, "/storage")
    assert "The box&#39;s own medium" in shown
    assert "GB are free" in shown
    assert "too few calls yet" in shown


def test_days_left_are_told_where_calls_tell_a_rate(page: Page) -> None:
    aged(page, 3)
    aged(page, 1)
    assert "At the present rate that is enough for more than ten years" in text(page, "/storage")
    long = page.archive.calls()[0]["id"]
    page.archive.add_later(long, frames_stored=10**13)  # as if it had been years of sound
    assert "At the present rate it is full in about 0 days" in text(page, "/storage")


def test_a_medium_that_was_pulled_out_is_named(page: Page) -> None:
    known = {"1b2c": {"root": "/media/tipring/gone", "name": "the USB medium STICK"}}
    write_json(page.folder / "calls/volumes.json", known)
    assert "the USB medium STICK is not here now" in text(page, "/storage")


def test_a_dry_run_lists_what_would_go_and_why_and_changes_nothing(page: Page) -> None:
    aged(page, 40, number="221111111")
    aged(page, 20, number="222222222", direction="outgoing")
    aged(page, 1, number="223333333")
    shown = text(page, "/storage/plan?days=30")
    assert "The audio of 1 call would go now" in shown
    assert "older than 30 days" in shown
    assert "22 111 11 11" in shown
    assert "22 222 22 22" not in shown
    assert "older than 10 days" in text(page, "/storage/plan?outgoing_days=10")
    assert "more than 1 call" in text(page, "/storage/plan?calls=1")
    assert "less than 999999 MB are free" in text(page, "/storage/plan?free_mb=999999")
    assert all(one["audio"] for one in page.archive.calls())
    assert not (page.folder / "state" / FILE).exists()


@pytest.mark.parametrize(
    ("mark", "why"),
    [("flag", "it is flagged"), ("hold", "it is held"), ("unfinished", "it is unfinished")],
)
def test_what_is_flagged_held_or_unfinished_stays_and_it_is_said(
    page: Page, mark: str, why: str
) -> None:
    call = aged(page, 400)
    if mark == "unfinished":
        page.archive.add_later(call["id"], outcome="unfinished")
    else:
        getattr(page.archive, mark)(call["id"], True)
    shown = text(page, "/storage/plan?days=30")
    assert "Nothing would go now" in shown
    assert "Stays all the same" in shown
    assert why in shown


def test_without_rules_it_is_said_that_a_full_medium_ends_recording(page: Page) -> None:
    assert "calls are not recorded any more" in text(page, "/storage/plan")


def test_the_rules_want_the_password_and_reach_the_recorder(page: Page) -> None:
    log_in_anew(page)
    page.answers["settings"] = {"ok": True}
    plan = "/storage/plan?days=30"
    values = {**ZERO, "days": "30", "warn_days": "14"}
    assert page.send("/storage", form=plan, **values, password="wrong").status_code == 403
    assert not (page.folder / "state" / FILE).exists()
    assert page.send("/storage", form=plan, **values, password=PASSWORD).status_code == 302
    kept = json.loads((page.folder / "state" / FILE).read_text())
    assert kept["retention"]["days"] == 30
    assert kept["retention"]["warn_days"] == 14
    assert {"do": "settings"} in page.asked
    assert "The rules hold now" in text(page, "/storage")
    assert page.access_log()[-1]["what"] == "retention changed"


def test_a_recorder_that_is_silent_takes_them_later_and_it_is_said(page: Page) -> None:
    page.control.close()
    page.send("/storage", form="/storage/plan?days=30", **ZERO, password=PASSWORD)
    assert "they hold when it runs" in text(page, "/storage")


@pytest.mark.parametrize("wrong", ["-1", "1e3", "٣", "x" * 40, "1.5"])
def test_only_whole_numbers_are_rules(page: Page, wrong: str) -> None:
    answer = page.get("/storage/plan", query_string={"days": wrong})
    assert answer.status_code == 400
    assert "Only whole numbers" in answer.get_data(as_text=True)


def test_a_number_beyond_the_rule_changes_nothing(page: Page) -> None:
    values = {**ZERO, "days": "36501", "password": PASSWORD}
    assert page.send("/storage", form="/storage/plan", **values).status_code == 400
    assert not (page.folder / "state" / FILE).exists()


def test_many_that_would_go_are_listed_in_part(page: Page, monkeypatch: Any) -> None:
    monkeypatch.setattr("web.retention.LISTED", 2)
    for day in (40, 39, 38):
        aged(page, day)
    assert "The audio of more than 2 calls would go now" in text(page, "/storage/plan?days=30")
