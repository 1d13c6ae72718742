"""Bad input from the network: an answer of the 4xx kind with a sentence, and nothing leaked."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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
