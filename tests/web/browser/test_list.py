"""The list in a browser: rows, many calls at once, and text from the line."""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from firmware.archive import Archive
from firmware.archive.people import People, Person
from scripts.household import recorded, talk
from tests.web.browser.conftest import House

# Nothing of it lies outside its own box, its row or the screen, and nothing lies over it.
CUT = """[...document.querySelectorAll(".call .tel")].filter((one) => {
  one.scrollIntoView({ block: "center" });
  const [mine, row] = [one, one.closest(".body")].map((part) => part.getBoundingClientRect());
  const top = document.elementFromPoint(mine.right - 2, mine.top + mine.height / 2);
  return one.scrollWidth > one.clientWidth || one.scrollHeight > one.clientHeight
    || mine.left < row.left || mine.right > row.right || mine.right > innerWidth || top !== one;
}).map((one) => one.outerHTML)"""
CONTACTS = {
    "Mama": ("+48 501 502 503", "501 502 503"),
    "Onkel Johannes Müller-Lüdenscheidt": ("+4915112345678", "+49 1511 2345678"),
}


@pytest.fixture(scope="module")
def known(house: House) -> House:
    """Contacts with a Polish and a foreign number; every kind of call with each of them."""
    archive, people = Archive(house.folder / "calls"), People(house.folder / "calls/people.json")
    at = {"started_at": "2026-02-03T04:05:06+00:00", "name": "Sent By The Exchange"}
    for name, (number, _shown) in CONTACTS.items():
        if people.of(number) is None:
            people.put(Person("", name, (number,)))
        for direction in ("incoming", "outgoing"):
            facts = {**at, "number": number, "direction": direction}
            recorded(archive, talk("pl-owner"), **facts)
            long = recorded(archive, talk("pl-owner"), **facts)
            archive.add_later(long, duration_s=3723.0, gaps=[])
            archive.flag(long, True)
            archive.hold(long, True, "owner", "")
            archive.note(long, "x")
            row = {"line": "1", "kind": "call", "rate": 8000, "duration_s": 0.0, **facts}
            outcome = "missed" if direction == "incoming" else "unobtainable"
            archive.add_row({**row, "answered": False, "outcome": outcome})
    return house


@pytest.mark.parametrize("language", ["pl", "en"])
@pytest.mark.parametrize("width", [390, 360])
@pytest.mark.parametrize("letters", ["browser", "large"])
def test_the_number_of_a_contact_is_readable_whole_on_a_phone(
    known: House, reader: Callable[..., Page], language: str, width: int, letters: str
) -> None:
    page = reader(language, width, letters)
    page.goto(f"{known.address}/?since=2026-02-03&until=2026-02-03")
    numbers = page.locator(".call .tel").all_inner_texts()
    assert [numbers.count(said) for _number, said in CONTACTS.values()] == [6, 6]
    assert page.evaluate(CUT) == []


def test_a_contacts_row_is_as_high_as_a_strangers(page: Page, known: House) -> None:
    while page.evaluate("document.querySelectorAll('.unheard:not(:has(.thumb))').length"):
        page.wait_for_timeout(200)  # their waveforms are being made
        page.reload()
    heights = page.evaluate(
        """[...document.querySelectorAll(".call:has(.thumb)")].slice(-6)
        .map((one) => [Boolean(one.querySelector(".tel")), one.offsetHeight])"""
    )
    assert {named for named, _height in heights} == {True, False}
    assert max(tall for _, tall in heights) - min(tall for _, tall in heights) <= 1  # of a pixel


def test_many_calls_are_flagged_at_once_and_deleted_only_with_the_password(
    page: Page, house: House
) -> None:
    page.click("text=Select")
    page.check("input[name=id] >> nth=0")
    page.check("input[name=id] >> nth=1")
    page.click("button[value=flag]")
    page.wait_for_selector("text=2 calls are flagged.")
    page.click("text=Select")
    page.check("input[name=id] >> nth=0")
    page.check("input[name=id] >> nth=1")
    page.click("text=More >> nth=-1")
    page.click("button[value=unflag]")
    page.wait_for_selector("text=2 calls have no flag now.")
    page.goto(f"{house.address}/?number=221234567&select=1")
    page.check("input[name=id] >> nth=0")
    page.click("button[value=delete]")
    page.wait_for_selector("text=Delete the audio of 1 call?")
    page.fill("#password", "not the password")
    page.click("text=Delete the audio >> nth=-1")
    page.wait_for_selector("text=Nothing was deleted.")
    assert all(one.get("deleted_at") is None for one in Archive(house.folder / "calls").calls())


def test_chosen_calls_are_downloaded_as_one_zip(page: Page, house: House, tmp_path: Path) -> None:
    page.goto(f"{house.address}/?q=inkaso&select=1")
    page.check("text=All of this page")
    chosen = page.locator("input[name=id]:checked").count()
    assert chosen >= 3
    with page.expect_download() as waiting:
        page.click("button[value=zip]")
    waiting.value.save_as(tmp_path / "calls.zip")
    with zipfile.ZipFile(tmp_path / "calls.zip") as made:
        assert made.testzip() is None
        assert len([one for one in made.namelist() if one.endswith(".flac")]) == chosen
    assert page.is_visible("input[name=id] >> nth=0")  # and the page is still there


def test_text_from_the_line_runs_nothing(page: Page, house: House) -> None:
    record = {"line": "1", "kind": "call", "direction": "incoming", "outcome": "missed"}
    record |= {"answered": False, "started_at": "2026-01-01T00:00:00+00:00", "duration_s": 0.0}
    hostile = "<img src=x onerror=document.title='owned'>"
    Archive(house.folder / "calls").add_row({**record, "name": hostile, "number": "22'\"><b>1"})
    page.goto(f"{house.address}/?since=2026-01-01&until=2026-01-01")
    assert re.search("onerror", page.inner_text("main"))
    assert page.title() == "Calls · Tipring"
