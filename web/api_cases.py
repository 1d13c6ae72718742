"""The API's case folders, and the callers who were asked to stop."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint, abort

from firmware.archive.search import caller_of
from web.api_evidence_schemas import CaseChange, CaseIn, CaseOut, LetterIn, StopIn, StopOut
from web.api_parts import BINARY, failures, needs
from web.desk import Desk
from web.evidence_cases import MOST_NOTES, case_of, cases_of, title_of
from web.evidence_stop import file_of, files, letter_of, said_words


def add(calls: Blueprint, desk: Desk) -> None:
    """Add the operations to the API's blueprint."""
    _cases(calls, desk)
    _stop(calls, desk)


def _cases(calls: Blueprint, desk: Desk) -> None:
    @calls.get("/cases")
    @calls.response(200, CaseOut(many=True))
    @failures(calls, 503)
    @needs(calls, "read")
    def list_cases() -> Any:
        return cases_of(desk).all()

    @calls.post("/cases")
    @calls.arguments(CaseIn)
    @calls.response(201, CaseOut)
    @failures(calls, 503)
    @needs(calls, "mark")
    def open_case(body: dict[str, Any]) -> Any:
        title = title_of(body["title"]) or abort(422, message="A case needs a title.")
        made = cases_of(desk).open(title)
        desk.log("case opened", case=made.id)
        return made

    @calls.get("/cases/<case_id>")
    @calls.response(200, CaseOut)
    @failures(calls, 404, 503)
    @needs(calls, "read")
    def get_case(case_id: str) -> Any:
        return case_of(desk, case_id)

    @calls.patch("/cases/<case_id>")
    @calls.arguments(CaseChange)
    @calls.response(200, CaseOut)
    @failures(calls, 404, 503)
    @needs(calls, "mark")
    def change_case(body: dict[str, Any], case_id: str) -> Any:
        found, cases = case_of(desk, case_id), cases_of(desk)
        putting = [str(desk.call(one)["id"]) for one in body.get("put", [])]
        if title := title_of(body.get("title", "")):
            cases.rename(case_id, title)
        if putting:
            cases.put(case_id, *putting)
        for call_id in putting:
            desk.log("put in a case", call_id, case=case_id)
        for call_id in body.get("take", []):
            if call_id in found.calls:
                cases.take(case_id, call_id)
                desk.log("taken from a case", call_id, case=case_id)
        if "note" in body and len(found.notes) < MOST_NOTES:
            cases.note(case_id, body["note"].replace("\x00", ""))
        if "unnote" in body:
            cases.unnote(case_id, body["unnote"])
        return case_of(desk, case_id)

    @calls.delete("/cases/<case_id>")
    @calls.response(204)
    @failures(calls, 404, 503)
    @needs(calls, "mark")
    def close_case(case_id: str) -> Any:
        case_of(desk, case_id)
        cases_of(desk).close(case_id)
        desk.log("case closed", case=case_id)
        return ""


def _stop(calls: Blueprint, desk: Desk) -> None:
    @calls.get("/stops")
    @calls.response(200, StopOut(many=True))
    @needs(calls, "read")
    def list_stops() -> Any:
        return [
            {
                "number": one.number,
                "name": one.name,
                "asked": [
                    {"call": call, "at": at, "words": words} for call, at, words in one.asked
                ],
                "later": one.later,
            }
            for one in files(desk)
        ]

    @calls.post("/stops/letter")
    @calls.arguments(LetterIn)
    @calls.response(200, BINARY, content_type="application/pdf")
    @failures(calls, 404)
    @needs(calls, "read")
    def letter(body: dict[str, Any]) -> Any:
        file = file_of(desk, body["number"]) or abort(404)
        desk.log("letter written", form="pdf")
        return letter_of(file, {**body, "as": "pdf"})

    @calls.put("/calls/<call_id>/stop")
    @calls.arguments(StopIn)
    @calls.response(204)
    @failures(calls, 404, 409)
    @needs(calls, "mark")
    def ask_to_stop(body: dict[str, Any], call_id: str) -> Any:
        if not caller_of(desk.call(call_id).get("number")):
            abort(409, message="This call has no number: later calls could not be counted.")
        desk.shelf.archive.ask_to_stop(call_id, said_words(body["words"]))
        desk.log("asked to stop", call_id)
        return ""

    @calls.delete("/calls/<call_id>/stop")
    @calls.response(204)
    @failures(calls, 404)
    @needs(calls, "mark")
    def not_asked_to_stop(call_id: str) -> Any:
        desk.call(call_id)
        desk.shelf.archive.ask_to_stop(call_id, None)
        desk.log("not asked to stop", call_id)
        return ""
