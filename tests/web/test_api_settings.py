"""A program sets the box up: language and country, contacts, announcement, password, paper."""

import pytest

from tests.web.conftest import PASSWORD, Page, Program, until
from tests.web.test_consent import wav
from web.tls import ensure

CARDS = """BEGIN:VCARD
VERSION:3.0
FN:Żaneta Łąka
TEL;TYPE=CELL:+48 501 502 503
END:VCARD
BEGIN:VCARD
VERSION:3.0
FN:Without a number
END:VCARD
"""


def test_the_settings_are_changed_one_by_one_and_the_law_follows(
    page: Page, program: Program
) -> None:
    told = program.ask("PATCH", "/settings", json={"language": "pl", "box_name": "Biuro"}).json
    assert told == {"language": "pl", "country": "PL", "phone_used_by": "", "box_name": "Biuro"}
    told = program.ask("PATCH", "/settings", json={"country": "DE", "phone_used_by": "office"}).json
    assert (told["language"], told["country"]) == ("pl", "DE")
    assert program.ask("GET", "/settings").json == told
    consent = program.ask("GET", "/consent").json
    assert (consent["place"], consent["use"]) == ("DE", "business")
    assert '<html lang="pl"' in page.get("/settings").text
    for wrong in ({"country": "XX"}, {"language": "xx"}, {"box_name": "x" * 41}, {"other": "1"}):
        assert program.ask("PATCH", "/settings", json=wrong).status_code == 422
    assert Program(page, "read").ask("PATCH", "/settings", json={}).status_code == 403


def test_contacts_come_in_and_go_out_as_vcards(page: Page, program: Program) -> None:
    sent = {"data": CARDS.encode(), "content_type": "text/vcard"}
    assert program.ask("POST", "/people.vcf", **sent).json == {"found": 1, "added": 1}
    assert program.ask("POST", "/people.vcf", **sent).json == {"found": 1, "added": 0}
    out = program.ask("GET", "/people.vcf")
    assert out.mimetype == "text/vcard"
    assert "FN:Żaneta Łąka" in out.text
    refused = program.ask("POST", "/people.vcf", data=b"\xff\x00no card", content_type="text/vcard")
    assert refused.status_code == 422
    assert "vCard" in refused.json["error"]
    assert page.access_log()[0]["what"] == "exported contacts"


def test_the_owners_own_announcement_is_sent_and_had_back(page: Page, program: Program) -> None:
    path, kind = "/consent/announcement.wav", "audio/wav"
    assert program.ask("GET", path).status_code == 404
    told = program.ask("PUT", path, data=wav(2.0), content_type=kind)
    assert told.json["announcement"] == "own"
    assert program.ask("GET", path).data == wav(2.0)
    for data, code, why in (
        (b"nothing", 422, "no sound file"),
        (wav(25.0), 422, "0.3 to 20 seconds"),
        (wav(2.0, level=0.0), 422, "silent"),
        (bytes(1024 * 1024 + 1), 413, "1 MB"),
    ):
        refused = program.ask("PUT", path, data=data, content_type=kind)
        assert refused.status_code == code
        assert why in refused.json["error"]
    assert program.ask("GET", path).data == wav(2.0)


def test_the_first_steps_are_told_as_they_turn_green(page: Page, program: Program) -> None:
    page.state["alarms"] = {"line-cut": "cut"}
    steps = program.ask("GET", "/start").json
    assert [bool(one["found"]) for one in steps] == [False] * 5
    page.state["alarms"] = {}
    page.call(direction="outgoing", dialled="221234567")
    steps = program.ask("GET", "/start").json
    assert [bool(one["found"]) for one in steps] == [False, True, True, False, False]
    assert "221234567" in steps[2]["found"]


def test_the_certificate_of_the_box_is_had(page: Page, program: Program) -> None:
    assert program.ask("GET", "/ca.crt").status_code == 404
    ensure(page.folder / "state")
    assert program.ask("GET", "/ca.crt").text.startswith("-----BEGIN CERTIFICATE-----")


def test_the_password_is_changed_only_by_who_knows_it(page: Page, program: Program) -> None:
    new = "another horse staple"
    wrong = program.ask("PUT", "/password", json={"password": "guessed it", "new": new})
    assert wrong.status_code == 403
    assert page.get("/").status_code == 200
    short = program.ask("PUT", "/password", json={"password": PASSWORD, "new": "short"})
    assert short.status_code == 422
    right = program.ask("PUT", "/password", json={"password": PASSWORD, "new": new})
    assert right.status_code == 204
    assert page.get("/").status_code == 302  # whoever was logged in with the old one is out
    assert page.send("/login", password=new).location == "/"
    assert program.ask("GET", "/line").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/password", {"password": "guessed it", "new": "another horse staple"}),
        ("POST", "/evidence/key.html", {"password": "guessed it"}),
    ],
)
def test_a_password_cannot_be_guessed_at(
    program: Program, method: str, path: str, body: dict[str, str]
) -> None:
    codes = [program.ask(method, path, json=body).status_code for _ in range(8)]
    assert codes == [403] * 5 + [429] * 3


def test_the_key_is_printed_only_with_the_owners_password(page: Page, program: Program) -> None:
    page.call()
    path = "/evidence/key.html"
    assert program.ask("POST", path, json={"password": "wrong"}).status_code == 403
    assert Program(page, "export").ask("POST", path, json={"password": PASSWORD}).status_code == 403
    printed = program.ask("POST", path, json={"password": PASSWORD})
    assert printed.mimetype == "text/html"
    words = page.send("/proof/key", password=PASSWORD).text
    assert printed.text == words  # the sheet of the page
    assert [row["what"] for row in page.access_log()] == ["key printed", "key printed"]


def test_the_words_of_a_printed_sheet_are_looked_up(page: Page, program: Program) -> None:
    page.call()
    sheet = program.ask("GET", "/evidence/head.html")
    assert sheet.mimetype == "text/html"
    head = program.ask("GET", "/evidence/head").json
    found = program.ask("POST", "/evidence/words", json={"words": head["words"]}).json
    assert (found["size"], found["at"]) == (head["size"], head["at"])
    assert (
        program.ask("POST", "/evidence/words", json={"words": "abandon " * 12}).status_code == 404
    )
    assert head["words"].split()[0] in sheet.text


def test_the_whole_log_is_checked_meanwhile(page: Page) -> None:
    page.call()
    auditor = Program(page, "log")
    begun = auditor.ask("POST", "/evidence/check")
    assert begun.status_code == 202
    path = f"/works/{begun.json['id']}"
    until(lambda: auditor.ask("GET", path).json["state"] in ("done", "failed"))
    told = auditor.ask("GET", path).json
    assert (told["kind"], told["state"], told["calls"]) == ("check", "done", 0)
    assert told["found"][0].startswith("1 call(s) of the archive are not in the log")
    assert auditor.ask("GET", f"{path}/file").status_code == 403
