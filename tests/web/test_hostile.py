"""Bad input from the network: an answer of the 4xx kind with a sentence, and nothing leaked."""

import io
import json
import time
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firmware.archive.people import People, Person
from firmware.archive.retention import let_go
from firmware.archive.search import caller_of
from tests.web.conftest import Page
from web.guard import FIRST_RUN, NEEDS, OPEN, right_for
from web.users import User, Users

RANGES = ["bytes=5-2", "bytes=-0", "bytes=99999999-", "bytes=18446744073709551616-"]
RANGES += ["bytes=0-18446744073709551616", "bytes=a-b", "bytes=", "lines=1-2", "bytes=1-2,4-5"]
RANGES += ["bytes=" + ",".join(f"{one}-{one}" for one in range(0, 2000, 2)), "bytes=--1", "\x7f"]


@pytest.mark.parametrize("wanted", RANGES)
@pytest.mark.parametrize("form", ["flac", "mp3"])
def test_a_range_that_makes_no_sense_gives_the_whole_or_a_refusal(
    page: Page, wanted: str, form: str
) -> None:
    call = page.call()
    path = f"/calls/{call['id']}/audio.{form}"
    whole = page.get(path).data
    answer = page.get(path, headers={"Range": wanted})
    assert answer.status_code in (200, 206, 416)
    if answer.status_code == 416:
        assert answer.json["error"] == "The recording has no such part."
        assert answer.headers["Content-Range"] == f"bytes */{len(whole)}"
    else:
        assert len(answer.data) <= len(whole)


@pytest.mark.parametrize(
    "host", ["evil.example", "tipring.local.evil.example", "a" * 300, "127.0.0.1.nip.io", "[::1"]
)
def test_a_hostile_host_is_refused_and_not_repeated(page: Page, host: str) -> None:
    answer = page.get("/", headers={"Host": host})
    assert answer.status_code == 400
    assert host not in answer.text


def test_a_name_with_line_breaks_puts_nothing_into_a_header(page: Page) -> None:
    call = page.call(number="22\r\nSet-Cookie: owned=1", name="a\r\nX: y")
    for form in ("mp3", "flac"):
        answer = page.get(f"/calls/{call['id']}/audio.{form}?download=1")
        assert answer.status_code == 200
        assert "owned" not in str(answer.headers.get_all("Set-Cookie"))
        assert "\n" not in answer.headers["Content-Disposition"]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(max_size=60), st.sampled_from(["q", "number", "person", "show", "since", "sort"]))
def test_whatever_is_asked_is_answered_with_a_page(page: Page, text: str, name: str) -> None:
    answer = page.client.get("/", query_string={name: text})
    assert answer.status_code in (200, 400)
    assert "Traceback" not in answer.text


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(min_size=1, max_size=60))
def test_an_id_that_is_no_calls_is_not_found(page: Page, call_id: str) -> None:
    from urllib.parse import quote

    answer = page.client.get(f"/calls/{quote(call_id, safe='')}/player")
    assert answer.status_code in (404, 405, 308, 302)


@pytest.mark.parametrize(
    "path", ["/people/import", "/consent/announcement", "/settings", "/login", "/calls/many"]
    + ["/proof/verify"],
)  # fmt: skip
def test_an_upload_that_is_too_large_is_refused_before_it_is_read(page: Page, path: str) -> None:
    page.app.config["WTF_CSRF_ENABLED"] = False

    class Endless:
        given = 0

        def read(self, count: int = -1) -> bytes:
            self.given += count
            return b"x" * count

        readline = read

    body = Endless()
    answer = page.client.post(
        path,
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"wsgi.input": body, "CONTENT_LENGTH": str(2**30)},
    )
    assert answer.status_code == 413
    assert "more than this page takes" in answer.text
    assert body.given < 4 * 2**20


def test_a_form_of_very_many_fields_is_refused(page: Page) -> None:
    page.app.config["WTF_CSRF_ENABLED"] = False
    answer = page.client.post("/calls/many", data={"do": "flag", "id": ["x" * 50] * 5000})
    assert answer.status_code in (302, 413)


@pytest.mark.parametrize("body", ["[" * 100_000, "{" * 5000, '{"a":' * 20_000, "\x00", ""])
def test_deep_json_is_no_request_of_this_page(page: Page, body: str) -> None:
    page.app.config["WTF_CSRF_ENABLED"] = False
    for path in ("/calls/many", "/settings", "/login"):
        answer = page.client.post(path, data=body, content_type="application/json")
        assert answer.status_code in (302, 400, 403, 413, 415, 429)


def test_a_cookie_of_another_box_opens_nothing(fresh: Page) -> None:
    fresh.log_in()
    cookie = fresh.client.get_cookie("session")
    assert cookie
    fresh.app.secret_key = "another box"
    assert fresh.get("/").location == "/login"


def test_the_clock_of_the_phone_does_not_matter(page: Page) -> None:
    old = {"If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT", "Date": "Fri, 31 Dec 2099"}
    call = page.call()
    assert page.get("/", headers=old).status_code == 200
    assert page.get(f"/calls/{call['id']}/audio.flac", headers=old).status_code == 200


def test_every_endpoint_needs_a_right_and_a_new_one_is_the_owners(page: Page) -> None:
    known = {name for names in NEEDS.values() for name in names}
    endpoints = {rule.endpoint for rule in page.app.url_map.iter_rules()}
    assert known <= endpoints
    assert endpoints >= OPEN | FIRST_RUN
    assert right_for("anything.new") == "manage"
    assert (
        right_for("bulk.delete") == right_for("people.save") == right_for("more.save") == "manage"
    )


def become(page: Page, role: str, **more: object) -> User:
    """The browser is another user's from here on."""
    made = Users(page.folder / "state").put(User("", "Ewa", role, **more), "123456")  # type: ignore[arg-type]
    with page.client.session_transaction() as session:
        session.update(user=made.id, proof=made.proof)
    return made


def test_a_listener_hears_and_marks_but_changes_nothing_of_the_box(page: Page) -> None:
    call = page.call()
    become(page, "listener")
    assert page.get(f"/calls/{call['id']}/audio.flac").status_code == 200
    page.send(f"/calls/{call['id']}/note", form=f"/calls/{call['id']}", note="x")
    assert page.archive.get(call["id"])["note"] == "x"
    for path in ("/settings", "/people", "/log"):
        assert page.get(path).status_code == 403
    assert page.send("/calls/many", form=f"/calls/{call['id']}", do="delete").status_code == 403
    assert "Delete…" not in page.get(f"/calls/{call['id']}").text


def test_an_auditor_sees_the_log_and_hears_nothing(page: Page) -> None:
    call = page.call()
    become(page, "auditor")
    assert page.get("/log").status_code == 200
    assert page.get("/").status_code == 200
    for path in ("audio.flac", "audio.mp3", "player"):
        answer = page.get(f"/calls/{call['id']}/{path}")
        assert answer.status_code == 403
        assert answer.json["ok"] is False
    assert page.get("/live/audio.wav").status_code == 403


def test_the_calls_of_others_are_not_there_for_a_listener_of_few(page: Page) -> None:
    mine, theirs = page.call(number="501502503"), page.call(number="221234567")
    become(page, "listener", callers=(caller_of("501502503"),))
    text = page.get("/").text
    assert "501 502 503" in text
    assert "22 123 45 67" not in text
    asked = page.get("/?number=221234567").text
    assert "No call fits." in asked
    assert "1 call" not in asked
    assert page.get(f"/calls/{mine['id']}").status_code == 200
    for path in ("", "/player", "/audio.flac", "/audio.mp3"):
        assert page.get(f"/calls/{theirs['id']}{path}").status_code == 404
    told = page.get(f"/calls/{mine['id']}/player").json
    assert told["next"] is None


def test_no_address_of_a_call_of_others_gives_or_does_anything(page: Page) -> None:
    theirs = page.call(number="221234567", name="Adwokat", note="tajne")
    become(page, "listener", callers=(caller_of("501502503"),))
    page.app.config["WTF_CSRF_ENABLED"] = False
    before, tried = page.archive.get(theirs["id"]), 0
    for rule in page.app.url_map.iter_rules():
        if "<call_id>" not in rule.rule or rule.rule.startswith("/api/"):
            continue
        path = rule.rule.replace("<call_id>", theirs["id"])
        for method in (rule.methods or set()) & {"GET", "POST"}:
            answer = page.client.open(path, method=method, data={"on": "1", "note": "x"})
            assert answer.status_code in (403, 404), (path, method)
            assert "Adwokat" not in answer.text
            assert "tajne" not in answer.text
            tried += 1
    assert tried >= 10
    assert page.archive.get(theirs["id"]) == before


def test_a_user_who_is_removed_is_out_at_once(page: Page) -> None:
    made = become(page, "listener")
    assert page.get("/").status_code == 200
    Users(page.folder / "state").remove(made.id)
    assert page.get("/").location == "/login"


def test_deleting_wants_the_password_once_more_and_leaves_a_row(page: Page) -> None:
    call, flagged = page.call(), page.call(flagged=True)
    page.archive.flag(flagged["id"], True)
    master = page.archive.audio_path(call["id"])
    copy = page.get(f"/calls/{call['id']}/audio.mp3")
    copy.close()
    assert list((page.folder / "state/mp3").glob("*.mp3"))
    form = {"id": call["id"]}
    assert page.send("/calls/delete", form="/people/new", **form).status_code == 403
    assert (
        page.send("/calls/delete", form="/people/new", password="guess", **form).status_code == 403
    )
    assert master.exists()
    done = page.send("/calls/delete", form="/people/new", password="correct horse battery", **form)
    assert done.status_code == 302
    assert not master.exists()
    assert not list((page.folder / "state/mp3").glob(f"{master.stem}*"))
    assert "The audio was deleted on" in page.get(f"/calls/{call['id']}").text
    page.send("/calls/delete", form="/people/new", id=flagged["id"])
    assert page.archive.audio_path(flagged["id"]).exists()
    assert "deleted" in [row["what"] for row in page.access_log()]


def test_a_deleted_call_is_still_deleted_after_the_catalogue_is_rebuilt(page: Page) -> None:
    call = page.call()
    let_go(page.archive, call["id"], "a test", datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC))
    (page.folder / "calls/catalogue.sqlite").write_bytes(b"torn")
    for ending in ("-wal", "-shm"):
        (page.folder / f"calls/catalogue.sqlite{ending}").unlink(missing_ok=True)
    from firmware.archive import Archive

    found = Archive(page.folder / "calls").get(call["id"])
    assert found["audio"] is None
    assert found["deleted_at"] == "2026-03-04T05:06:07+00:00"


def test_many_calls_come_as_one_zip(page: Page) -> None:
    import zipfile

    calls = [page.call(), page.call(), page.call(answered=False, outcome="missed")]
    page.app.config["WTF_CSRF_ENABLED"] = False
    ids = [one["id"] for one in calls]
    answer = page.client.post("/calls/many", data={"do": "zip", "id": [*ids, "nothing"]})
    made = zipfile.ZipFile(io.BytesIO(answer.data))
    assert made.testzip() is None
    names = made.namelist()
    assert len([one for one in names if one.endswith(".flac")]) == 2
    assert len([one for one in names if one.endswith(".json")]) == 3
    master = page.archive.audio_path(ids[0]).read_bytes()
    assert made.read(next(one for one in names if ids[0] in one and "flac" in one)) == master
    assert json.loads(made.read(next(one for one in names if "json" in one)))["id"] in ids
    assert [row["call"] for row in page.access_log() if row["what"] == "downloaded"] == ids


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
    given_back = page.get("/people/export.vcf").text
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


def test_a_proof_does_not_last(page: Page) -> None:
    call = page.call()
    with page.client.session_transaction() as session:
        session["proved"] = time.time() - 301
    assert page.send("/calls/delete", form="/people/new", id=call["id"]).status_code == 403
    with page.client.session_transaction() as session:
        session["proved"] = time.time() + 1e6  # the clock was set back since
    assert page.send("/calls/delete", form="/people/new", id=call["id"]).status_code == 403
