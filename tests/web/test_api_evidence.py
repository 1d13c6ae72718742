"""Evidence for programs: bundles, cases, the stop file, one number, each with its scope."""

from pathlib import Path
from typing import Any

from firmware.evidence.bundle.verify import verify
from firmware.evidence.evidence import Evidence
from tests.web.conftest import Page, Program, until


def done(program: Program, answer: Any) -> dict[str, Any]:
    assert answer.status_code == 202, answer.text
    path = f"/works/{answer.json['id']}"
    until(lambda: program.ask("GET", path).json["state"] in ("done", "failed"))
    return dict(program.ask("GET", path).json)


def test_a_program_makes_a_bundle_and_has_it_checked(
    page: Page, program: Program, tmp_path: Path
) -> None:
    call = page.call()
    assert program.ask("GET", f"/calls/{call['id']}/seal").json["state"] == "unsealed"
    work = done(program, program.ask("POST", "/bundles", json={"calls": [call["id"]]}))
    assert (work["state"], work["file"], work["calls"]) == ("done", True, 1)
    data = program.ask("GET", f"/works/{work['id']}/file").data
    (tmp_path / "b.zip").write_bytes(data)
    assert verify(tmp_path / "b.zip").calls[0].call == call["id"]
    told = program.ask("POST", "/evidence/verify", data=data, content_type="application/zip").json
    assert (told["unchanged"], told["calls"]) == (True, [call["id"]])
    told = program.ask("POST", "/evidence/verify", data=data[:-1]).json
    assert told["unchanged"] is False
    assert told["why"]
    assert program.ask("GET", f"/calls/{call['id']}/seal").json["state"] == "sealed"
    kinds = [one["kind"] for one in program.ask("GET", f"/calls/{call['id']}/history").json]
    assert kinds == ["recorded", "exported"]
    assert Program(page, "export").ask("GET", f"/works/{work['id']}").status_code == 404


def test_a_program_keeps_cases(page: Page, program: Program) -> None:
    call = page.call()
    made = program.ask("POST", "/cases", json={"title": "Inkaso"})
    assert made.status_code == 201
    path = f"/cases/{made.json['id']}"
    wrong = program.ask("PATCH", path, json={"put": [call["id"], "no such call"], "note": "x"})
    assert wrong.status_code == 404
    assert program.ask("GET", path).json["calls"] == []
    told = program.ask("PATCH", path, json={"put": [call["id"]], "note": "Groźby"}).json
    assert (told["calls"], told["notes"]) == ([call["id"]], ["Groźby"])
    assert program.ask("PATCH", path, json={"take": [call["id"]]}).json["calls"] == []
    assert program.ask("DELETE", path).status_code == 204
    assert program.ask("GET", "/cases").json == []


def test_a_program_keeps_the_stop_file_and_has_the_letter(page: Page, program: Program) -> None:
    asked = page.call(number="586201142", started_at="2026-03-04T05:06:07+00:00")
    page.call(number="586201142", started_at="2026-03-05T05:06:07+00:00")
    assert (
        program.ask("PUT", f"/calls/{asked['id']}/stop", json={"words": "Dość."}).status_code == 204
    )
    [one] = program.ask("GET", "/stops").json
    assert (one["asked"][0]["words"], len(one["later"])) == ("Dość.", 1)
    letter = {"number": "586201142", "kind": "telemarketer", "language": "pl"}
    assert program.ask("POST", "/stops/letter", json=letter).data.startswith(b"%PDF-")
    assert program.ask("DELETE", f"/calls/{asked['id']}/stop").status_code == 204
    assert program.ask("GET", "/stops").json == []
    nobody = page.call(number=None)
    assert program.ask("PUT", f"/calls/{nobody['id']}/stop", json={}).status_code == 409


def test_a_program_hands_out_and_erases_one_number(page: Page, program: Program) -> None:
    call = page.call(number="501502503")
    work = done(program, program.ask("POST", "/subject/export", json={"number": "501502503"}))
    assert (work["state"], work["calls"]) == ("done", 1)
    assert program.ask("POST", "/subject/export", json={"number": "999"}).status_code == 404
    for body in ({"number": "501502503"}, {"number": "501502503", "erase": False}):
        assert program.ask("POST", "/subject/erase", json=body).status_code == 422
    body = {"number": "501502503", "erase": True}
    assert Program(page, "export").ask("POST", "/subject/erase", json=body).status_code == 403
    assert done(program, program.ask("POST", "/subject/erase", json=body))["calls"] == 1
    assert program.ask("GET", f"/calls/{call['id']}").status_code == 404


def test_a_program_keeps_the_head_outside_the_box(page: Page, program: Program) -> None:
    told = program.ask("GET", "/evidence/head").json
    evidence = Evidence(page.archive, page.folder / "state")
    assert evidence.head_of_words(told["words"]).size == told["size"]
    assert told["text"].startswith("tipring log head 1\n")
