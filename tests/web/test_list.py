"""The list of calls: its pages, what each filter leaves, its marks, and all calls of one caller."""

import html
import re

import pytest

from firmware.archive.people import People, Person
from tests.web.conftest import Page, until


def test_calls_are_listed_newest_first_a_page_at_a_time(page: Page) -> None:
    for number in range(120):
        page.call(number=f"22000{number:04}", answered=False, outcome="missed")
    text, seen = page.get("/").text, []
    while True:
        seen += re.findall(r"22 000 (\d\d) (\d\d)</bdi>", text)
        older = re.search(r'href="([^"]+)">Older calls', text)
        if not older:
            break
        text = page.get(html.unescape(older[1])).text
    assert [int(one + two) for one, two in seen] == list(range(119, -1, -1))
    newer = re.search(r'href="([^"]+)">Newer', text)
    assert newer
    assert "22 000 00 69" in page.get(html.unescape(newer[1])).text


def test_an_empty_box_says_so(page: Page) -> None:
    assert "No calls yet" in page.get("/").get_data(as_text=True)


def test_calls_stand_under_their_days_and_a_contact_under_his_name(page: Page) -> None:
    page.call(started_at="2024-02-28T12:00:00+00:00")
    page.call(started_at="2024-02-29T12:00:00+00:00", number="501502503")
    people = People(page.folder / "calls/people.json")
    people.put(Person("", "Mama", ("+48 501 502 503",)))
    text = page.get("/").text
    days = ["Thursday, 29 February 2024", "Mama", "Wednesday, 28 February 2024", "22 123 45 67"]
    places = [text.index(one) for one in days]
    assert places == sorted(places)
    assert "Mama" in page.get("/?q=mam").text
    assert "22 123 45 67" not in page.get("/?q=mam").text


def test_blind_time_and_a_missed_call_stand_among_the_calls(page: Page) -> None:
    page.call(answered=False, outcome="missed")
    page.call(kind="blind", direction="", answered=False, cause="off", duration_s=754.0)
    text = page.get("/").text
    assert "12:34 · the box had no power" in text
    assert "incoming, missed" in text
    assert "no power" not in page.get("/?show=missed").text


@pytest.mark.parametrize("before", ["0", "9" * 18, ""])
def test_any_page_number_gives_a_page(page: Page, before: str) -> None:
    page.call()
    assert page.get(f"/?before={before}").status_code == 200


@pytest.mark.parametrize(
    "query",
    ["before=x", "before=-1", "before=1.5", "after=" + "9" * 40, "sort=id;DROP TABLE calls"]
    + ["direction=sideways", "show=all'--", "since=31.03.2026", "since=9999-12-31", "until=x"]
    + ["q=" + "x" * 201, "person=nobody", "before=%D9%A1"],
)
def test_an_address_that_is_not_understood_is_said_to_be_so(page: Page, query: str) -> None:
    page.call()
    answer = page.get(f"/?{query}")
    if query == "since=9999-12-31":
        assert answer.status_code == 200
        return
    assert answer.status_code == 400
    assert "Not understood" in answer.text
    assert "Traceback" not in answer.text


def numbers(text: str) -> list[str]:
    """Whose calls a page lists, in its order."""
    return re.findall(r'<bdi class="who">(\w+)</bdi>', text)


@pytest.fixture
def many(page: Page) -> Page:
    """Calls that differ in one thing each."""
    people = People(page.folder / "calls/people.json")
    people.put(Person("", "Known", ("600700800", "600700801")))
    page.call(name="Plain", started_at="2026-03-01T12:00:00+00:00")
    page.call(name="Outgoing", direction="outgoing")
    page.call(name="Missed", answered=False, outcome="missed")
    page.call(name="Other", number="501502503")
    page.call(number="+48 600 700 801")
    for name, mark in (("Flagged", "flag"), ("Held", "hold")):
        getattr(page.archive, mark)(page.call(name=name)["id"], True)
    page.archive.note(page.call(name="Noted")["id"], "Zażółć")
    for one in page.archive.calls():
        if one.get("name") in ("Plain", "Noted") or one["number"] == "501502503":
            page.archive.heard(one["id"])
    return page


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("direction=outgoing", ["Outgoing"]),
        ("number=501+502+503", ["Other"]),
        ("until=2026-03-01", ["Plain"]),
        ("since=2026-03-01&until=2026-03-01", ["Plain"]),
        ("since=2026-03-02&show=noted", ["Noted"]),
        ("show=flagged", ["Flagged"]),
        ("show=held", ["Held"]),
        ("show=noted", ["Noted"]),
        ("show=missed", ["Missed"]),
        ("show=unheard", ["Held", "Flagged", "Known", "Outgoing"]),
        ("show=unheard&direction=outgoing", ["Outgoing"]),
        ("q=zazolc", ["Noted"]),
        ("q=501502", ["Other"]),
        ("q=known", ["Known"]),
        ("q=outgoing", ["Outgoing"]),
    ],
)
def test_each_filter_of_the_page_leaves_what_it_says(
    many: Page, query: str, left: list[str]
) -> None:
    assert numbers(many.get(f"/?{query}").text) == left


def test_a_filter_is_kept_from_page_to_page_and_from_chip_to_chip(page: Page) -> None:
    for _ in range(51):
        page.call(answered=False, outcome="missed", number="501502503")
    text = html.unescape(page.get("/?number=501502503&show=missed&since=2026-01-01").text)
    [older] = re.findall(r'href="(/\?before=[^"]+)"', text)
    for said in ("number=501502503", "show=missed", "since=2026-01-01"):
        assert said in older
    assert 'href="/?show=unheard&number=501502503&since=2026-01-01"' in text


def test_all_calls_of_a_person_stand_together_with_their_counts(many: Page) -> None:
    many.call(number="600700800", direction="outgoing")
    many.call(number="600 700 800", answered=False, outcome="missed")
    person = People(many.folder / "calls/people.json").of("600700800")
    assert person
    text = many.get(f"/?person={person.id}").text
    assert numbers(text) == ["Known"] * 3
    assert "3 calls · 2 came in · 1 went out · 1 missed" in text
    text = many.get("/?number=600700801").text
    assert numbers(text) == ["Known"]
    assert "1 call · 1 came in" in text
    call = many.get(f"/calls/{many.archive.calls()[0]['id']}").text
    assert 'href="/?number=' in call
    assert "This caller" in call


def test_a_row_shows_its_direction_length_waveform_and_marks(
    many: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.prepare.PATIENCE_S", 0.0)
    call = many.call(name="Row", duration_s=83.0)
    many.archive.flag(call["id"], True)
    many.archive.note(call["id"], "x")
    broken = many.call(name="Broken", preroll_s=0.0)

    def row(call_id: str) -> str:
        rows = re.split(r"(?=<li class=\"call)", many.get("/").text)
        return next(one for one in rows if f'href="/calls/{call_id}"' in one)

    until(lambda: 'class="thumb"' in row(call["id"]))
    text = row(call["id"])
    assert "incoming · </span>1:23 · " in text
    assert "22 123 45 67</bdi>" in text
    for said in ("unheard", "flagged", "has a note", ">whole<"):
        assert said in text
    assert "not whole" not in text
    assert "not whole" in row(broken["id"])
