"""Contacts: added from a call, and their names stand wherever their numbers did."""

import html
import io
import re

import pytest

from firmware.archive.people import RULES, People, Person
from tests.web.conftest import PASSWORD, Page


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


def test_a_vcard_file_is_taken_and_given_back(page: Page) -> None:
    card = (
        "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Łucja <b>Żak</b>\r\nTEL:+48 501 502 503\r\nEND:VCARD\r\n"
    )
    page.app.config["WTF_CSRF_ENABLED"] = False

    def send(data: bytes) -> str:
        page.client.post("/people/import", data={"cards": (io.BytesIO(data), "a.vcf")})
        return page.get("/people").text

    text = send(card.encode())
    assert "1 person was added" in text
    assert "Łucja &lt;b&gt;Żak&lt;/b&gt;" in text
    assert "0 people were added" in send(card.encode())
    for bad in (b"\x00\xff" * 50, b"BEGIN:VCARD\r\n" * 300, b"", b"<html>"):
        assert "No person with a number" in send(bad)
    refused = page.client.post("/people/export.vcf", data={"password": "guessed it"})
    assert refused.status_code == 403
    assert "TEL" not in refused.text
    given_back = page.client.post("/people/export.vcf", data={"password": PASSWORD}).text
    assert "FN:Łucja <b>Żak</b>" in given_back
    assert "TEL:+48 501 502 503" in given_back


def test_a_person_can_be_added_changed_and_removed(page: Page) -> None:
    people = People(page.folder / "calls/people.json")
    page.send("/people/save", form="/people/new", name="Anna", numbers="22 1\n501", rule="never")
    [made] = people.all()
    assert (made.name, made.numbers, made.rule) == ("Anna", ("22 1", "501"), "never")
    for bad in ({"name": ""}, {"numbers": "abc"}, {"rule": "x"}):
        fields = {"name": "A", "numbers": "1", "rule": "hold", "id": made.id, **bad}
        assert page.send("/people/save", form="/people/new", **fields).status_code == 400
    page.send("/people/remove", form="/people/new", id=made.id)
    assert people.all() == []
    assert page.send("/people/save", form="/people/new", id="gone", name="x").status_code == 302
    people.put(Person("", "<script>", ("1",)))
    assert "&lt;script&gt;" in page.get("/people").text
