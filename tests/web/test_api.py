"""The API does what its document says, for tokens that may, and for nobody else."""

import csv
import io
import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.web.conftest import Page, Program
from web.export import guarded
from web.tokens import Tokens


def test_without_a_token_nothing_is_told_not_even_the_document(page: Page) -> None:
    call = page.call()
    for rule in page.app.url_map.iter_rules():
        if rule.rule.startswith("/api/"):
            path = re.sub("<[a-z]+_id>", "x", rule.rule.replace("<call_id>", call["id"]))
            for method in (rule.methods or set()) - {"OPTIONS", "HEAD"}:
                answer = page.client.open(path, method=method)  # the owner's session is no token
                assert answer.status_code == 401, path
                assert call["id"] not in answer.text


def test_each_operation_needs_its_scope(page: Page) -> None:
    call = page.call()
    nothing = Program(page)
    for rule in page.app.url_map.iter_rules():
        if rule.rule.startswith("/api/v1"):
            path = re.sub("<[a-z]+_id>", "x", rule.rule.replace("<call_id>", call["id"]))
            for method in (rule.methods or set()) - {"OPTIONS", "HEAD"}:
                answer = nothing.ask(method, path.removeprefix("/api/v1"))
                assert answer.status_code == 403, path
    reader = Program(page, "read")
    assert reader.ask("GET", "/calls").status_code == 200
    assert reader.ask("GET", f"/calls/{call['id']}/audio.flac").status_code == 403
    assert reader.ask("DELETE", f"/calls/{call['id']}").status_code == 403


def test_a_revoked_token_is_refused(page: Page) -> None:
    program = Program(page, "read")
    assert program.ask("GET", "/line").json["words"] == "Idle"
    tokens = Tokens(page.folder / "state/tokens.json")
    tokens.revoke(tokens.all()[0].id)
    assert program.ask("GET", "/line").status_code == 401
    assert (page.folder / "state/tokens.json").stat().st_mode & 0o077 == 0


def test_calls_are_listed_marked_heard_and_deleted(page: Page, program: Program) -> None:
    calls = [page.call(number=f"22123456{one}") for one in range(5)]
    first = program.ask("GET", "/calls?limit=3").json
    rest = program.ask("GET", f"/calls?limit=3&before={first['older']}").json
    assert [one["id"] for one in first["calls"] + rest["calls"]] == [
        one["id"] for one in reversed(calls)
    ]
    call_id = calls[0]["id"]
    assert program.ask("PATCH", f"/calls/{call_id}", json={"held_why": "x"}).status_code == 422
    marks = {"flagged": True, "held": True, "note": "żółw", "heard": True}
    marks |= {"held_why": "the court asked for it"}
    told = program.ask("PATCH", f"/calls/{call_id}", json=marks).json
    assert marks.items() <= told.items()
    assert program.ask("GET", "/calls?q=zolw").json["calls"][0]["id"] == call_id
    assert program.ask("DELETE", f"/calls/{call_id}").status_code == 409
    assert program.ask("GET", f"/calls/{call_id}/audio.flac").data[:4] == b"fLaC"
    assert len(program.ask("GET", f"/calls/{call_id}/waveform?parts=10").json["peaks"]) == 10
    assert program.ask("DELETE", f"/calls/{calls[1]['id']}").status_code == 204
    assert program.ask("GET", f"/calls/{calls[1]['id']}").json["audio"] is False
    assert {row["what"] for row in program.ask("GET", "/log").json} >= {"deleted", "flagged"}
    assert {row["by"] for row in page.access_log()} == {"test (API)"}


def test_people_and_the_line(page: Page, program: Program) -> None:
    made = program.ask("POST", "/people", json={"name": "Ewa", "numbers": ["501 1"]})
    assert made.status_code == 201
    path = f"/people/{made.json['id']}"
    changed = program.ask("PUT", path, json={"name": "Ewa B", "numbers": [], "rule": "never"})
    assert changed.json["rule"] == "never"
    assert program.ask("DELETE", path).status_code == 204
    assert program.ask("GET", path).status_code == 404
    page.answers["flag"] = {"ok": True}
    assert program.ask("POST", "/line/flag").status_code == 204
    assert {"do": "flag"} in page.asked


@pytest.mark.parametrize(
    "body", ["[" * 100_000, '{"flagged":' * 5000, "nothing", '{"flagged": "yes"}', '{"x": 1}', "[]"]
)
def test_a_body_that_is_not_what_it_should_be_changes_nothing(
    page: Page, program: Program, body: str
) -> None:
    call = page.call()
    answer = program.ask(
        "PATCH", f"/calls/{call['id']}", data=body, content_type="application/json"
    )
    assert answer.status_code in (400, 413, 422)
    assert answer.json["error"]
    assert not page.archive.get(call["id"]).get("flagged")


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "-2+3", "+cmd|'/C calc'!A0", "\t=1", " =1"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert guarded(text) == f"'{text}"


@settings(deadline=None)
@given(st.text())
def test_a_guarded_cell_begins_with_no_formula(text: str) -> None:
    said = guarded(text)
    plus = said[:1] == "+" and said[1:].isdecimal()
    assert plus or not said.lstrip().startswith(("=", "+", "-", "@"))


def test_calls_are_exported_as_csv_and_json(page: Page, program: Program) -> None:
    page.call(number="+48221234567", name="=HYPERLINK(1)", note='a "note";\nof two lines')
    page.call(answered=False, outcome="missed")
    rows = list(csv.DictReader(io.StringIO(program.ask("GET", "/export").text.lstrip("\ufeff"))))
    assert len(rows) == 2
    assert rows[1]["number"] == "+48221234567"
    assert rows[1]["name"] == "'=HYPERLINK(1)"
    assert rows[1]["note"] == 'a "note";\nof two lines'
    told = json.loads(program.ask("GET", "/export?form=json&show=missed").text)
    assert [one["outcome"] for one in told] == ["missed"]
    assert json.loads(program.ask("GET", "/export?form=json&q=nobody").text) == []
    assert page.access_log()[0]["what"] == "exported"


def test_what_would_go_is_asked_and_the_rules_are_set(page: Page, program: Program) -> None:
    call = page.call(started_at="2020-03-04T05:06:07.000+00:00")
    told = program.ask("GET", "/retention/plan?days=30").json
    assert [(one["id"], one["why"]) for one in told["calls"]] == [
        (call["id"], "it is older than 30 days")
    ]
    assert page.archive.get(call["id"])["audio"]
    kept = program.ask("PUT", "/retention", json={"days": 30}).json
    assert (kept["days"], kept["warn_days"]) == (30, 30)
    assert program.ask("GET", "/retention").json == kept
    assert {"do": "settings"} in page.asked
    assert Program(page, "read").ask("PUT", "/retention", json={}).status_code == 403


def test_alarms_are_switched_one_by_one(page: Page, program: Program) -> None:
    told = program.ask("PATCH", "/alarms", json={"heat": False, "no_calls_days": 7}).json
    assert (told["heat"], told["power"], told["no_calls_days"]) == (False, True, 7)
    assert program.ask("GET", "/alarms").json == told
    assert program.ask("PATCH", "/alarms", json={"command": "/bin/sh"}).status_code == 422


def test_the_box_says_how_it_does(page: Page, program: Program) -> None:
    page.state["alarms"] = {"overheating": "82 degrees"}
    told = program.ask("GET", "/box").json
    assert told["recorder_answers"]
    assert told["alarms"][0]["words"] == "82 degrees"
    assert told["alarms"][0]["to_do"].startswith("Let air come")
    assert told["media"][0]["total"] > told["media"][0]["free"] > 0


def test_a_listener_is_let_in_and_put_out(page: Page, program: Program) -> None:
    person = program.ask("POST", "/people", json={"name": "Mama", "numbers": ["501502503"]}).json
    new = {"name": "Ola", "role": "listener", "pin": "739154", "people": [person["id"]]}
    made = program.ask("POST", "/users", json=new)
    assert made.status_code == 201
    assert "pin" not in made.json
    assert made.json["callers"] == ["501502503"]
    assert program.ask("GET", "/users").json == [made.json]
    assert program.ask("POST", "/users", json=new).status_code == 409
    assert program.ask("POST", "/users", json={**new, "role": "owner"}).status_code == 422
    assert program.ask("DELETE", f"/users/{made.json['id']}").status_code == 204
    assert program.ask("GET", "/users").json == []
    assert program.ask("DELETE", "/users/owner").status_code == 404
    assert page.access_log()[0]["what"] == "users changed"


def test_a_token_makes_none_that_may_do_more(page: Page, program: Program) -> None:
    porter = Program(page, "users", "read")
    refused = porter.ask("POST", "/tokens", json={"name": "x", "scopes": ["read", "delete"]})
    assert refused.status_code == 403
    assert "delete" in refused.json["error"]
    made = porter.ask("POST", "/tokens", json={"name": "x", "scopes": ["read"]}).json
    headers = {"Authorization": f"Bearer {made['secret']}"}
    assert page.app.test_client().get("/api/v1/line", headers=headers).status_code == 200
    listed = program.ask("GET", "/tokens").json
    assert "x" in {one["name"] for one in listed}
    assert "hashed" not in json.dumps(listed)
    assert program.ask("DELETE", f"/tokens/{made['id']}").status_code == 204
    assert page.app.test_client().get("/api/v1/line", headers=headers).status_code == 401


def test_the_line_wizard_is_led(page: Page, program: Program) -> None:
    page.answers["wizard"] = {"ok": False, "error": "there is no line to watch"}
    refused = program.ask("GET", "/line/wizard")
    assert (refused.status_code, refused.json["error"]) == (503, "there is no line to watch")
    page.answers["wizard"] = {"ok": True, "step": "idle", "found": {}, "learned": {"turned": []}}
    assert program.ask("GET", "/line/wizard").json["step"] == "idle"
    assert program.ask("POST", "/line/wizard", json={"go": "begin"}).status_code == 204
    assert page.asked[-1] == {"do": "wizard", "go": "begin", "step": ""}
    assert program.ask("POST", "/line/wizard", json={"go": "fly"}).status_code == 422


def test_who_must_know_is_chosen_as_on_the_page(page: Page, program: Program) -> None:
    told = program.ask("PATCH", "/consent", json={"place": "DE", "armed": "yes"}).json
    assert (told["place"], told["armed"], told["must"]) == ("DE", "yes", "all")
    assert program.ask("PATCH", "/consent", json={"place": "PL"}).json["armed"] == "no"
    assert program.ask("PATCH", "/consent", json={"announcement": "own"}).status_code == 409
    assert program.ask("PATCH", "/consent", json={"place": "XX"}).status_code == 422
    assert 'value="PL" selected' in page.get("/consent").get_data(as_text=True)
    assert page.access_log()[-1]["what"] == "consent changed"


def test_calls_are_encrypted_from_the_next_one_on(page: Page, program: Program) -> None:
    assert program.ask("GET", "/keeping").json == {"sealed": "no"}
    assert program.ask("PUT", "/keeping", json={"sealed": "yes"}).json == {"sealed": "yes"}
    assert {"do": "settings"} in page.asked
    assert program.ask("PUT", "/keeping", json={"sealed": "maybe"}).status_code == 422
