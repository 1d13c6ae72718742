"""Contacts: added from a call, and their names stand wherever their numbers did."""

import html
import re

import pytest

from firmware.archive.people import RULES, People
from tests.web.conftest import Page


def test_a_caller_becomes_a_contact_from_the_page_of_his_call(page: Page) -> None:
    call = page.call(number="+48221234567", name="KANCELARIA & <SPÓŁKA>")
    text = page.get(f"/calls/{call['id']}").text
    [there] = re.findall(r'href="(/people/new\?[^"]+)"', text)
    form = page.get(html.unescape(there)).text
    assert 'value="KANCELARIA &amp; &lt;SPÓŁKA&gt;"' in form
    assert ">+48221234567</textarea>" in form
    page.send("/people/save", form="/people/new", name="Kancelaria", numbers="+48221234567")
    for path in ("/", f"/calls/{call['id']}"):
        assert ">Kancelaria</bdi>" in page.get(path).text
    page.state |= {"state": "ringing", "number": "22 123 45 67"}
    assert "Ringing: Kancelaria" in page.get("/").text
    assert page.get(f"/calls/{call['id']}/player").json["title"] == "Kancelaria"


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_is_kept_with_the_person_and_shown_in_the_list(page: Page, rule: str) -> None:
    page.send("/people/save", form="/people/new", name="Ewa", numbers="501", rule=rule)
    [ewa] = People(page.folder / "calls/people.json").all()
    assert ewa.rule == rule
    assert f'value="{rule}" checked' in page.get(f"/people/{ewa.id}").text
    said = {"never": "Never recorded", "hold": "Recorded and always held"}
    assert all((one in page.get("/people").text) == (name == rule) for name, one in said.items())
    assert {"do": "settings"} in page.asked
