"""`/api/v1`: evidence. What the page does with it, for programs; the signing key is not told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import request, send_file
from flask_smorest import Blueprint, abort

from firmware.archive.search import caller_of
from web.api_evidence_schemas import (
    BundleIn,
    CaseChange,
    CaseIn,
    CaseOut,
    Entry,
    EraseIn,
    LetterIn,
    LogHead,
    NumberIn,
    Seal,
    StopIn,
    StopOut,
    VerdictOut,
    WorkOut,
)
from web.api_parts import failures, needs
from web.auth import user
from web.desk import Desk
from web.evidence_bundles import TROUBLES, start_bundle
from web.evidence_cases import MOST_NOTES, case_of, cases_of, title_of
from web.evidence_pages import LARGEST_UPLOAD, checked, log_state, uploads
from web.evidence_stop import (
    file_of,
    files,
    letter_of,
    said_words,
)
from web.evidence_subject import number_of, start_erasure, start_subject
from web.evidence_works import TooMuch, Work


def _iso(at: float | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat()


def _told(work: Work) -> dict[str, Any]:
    return {
        "id": work.id, "kind": work.kind, "state": work.state, "step": work.step,
        "share": work.share, "why": work.why, "calls": work.count, "file": work.file is not None,
    }  # fmt: skip


def _busy(error: TooMuch) -> Any:
    abort(409, message=str(TROUBLES[str(error)]))


def add(calls: Blueprint, desk: Desk) -> None:
    """Enter the operations."""
    bad = failures
    _of_a_call(calls, desk)
    _works(calls, desk)
    _cases(calls, desk)
    _stop(calls, desk)

    @calls.get("/evidence/head")
    @calls.response(200, LogHead)
    @bad(calls, 503)
    @needs(calls, "read")
    def head() -> Any:
        from firmware.evidence import words

        evidence = desk.witness.evidence()
        state, signed = log_state(evidence), evidence.head_for_paper()
        return {
            "box": signed.head.box,
            "size": signed.head.size,
            "at": _iso(signed.head.at),
            "words": words.of_head(signed.head),
            "stamps": state.stamps,
            "text": words.head_text(signed),
        }

    body = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}

    @calls.post("/evidence/verify")
    @calls.doc(requestBody={"content": body, "required": True})
    @calls.response(200, VerdictOut)
    @bad(calls, 413)
    @needs(calls, "read")
    def verify() -> Any:
        request.max_content_length = LARGEST_UPLOAD
        verdict, wrong = checked(request.stream, uploads())
        desk.log("bundle checked", verdict="changed" if wrong else "unchanged")
        if verdict is None:
            return {"unchanged": False, "why": wrong}
        found = [one.call for one in verdict.calls]
        return {"unchanged": True, "box": verdict.box, "calls": found}


def _of_a_call(calls: Blueprint, desk: Desk) -> None:
    bad = failures

    @calls.get("/calls/<call_id>/seal")
    @calls.response(200, Seal)
    @bad(calls, 404)
    @needs(calls, "read")
    def seal(call_id: str) -> Any:
        found = desk.seals.of(desk.call(call_id))
        existed = found.existed.isoformat() if found.existed else None
        return {
            "state": found.state, "why": found.why, "entry": found.entry,
            "sealed_at": _iso(found.at), "existed": existed,
        }  # fmt: skip

    @calls.get("/calls/<call_id>/history")
    @calls.response(200, Entry(many=True))
    @bad(calls, 404, 503)
    @needs(calls, "log")
    def history(call_id: str) -> Any:
        desk.call(call_id)
        return [
            {
                "seq": one.sequence,
                "at": _iso(one.at),
                "kind": one.kind,
                "by": str(one.facts.get("by", "")),
            }
            for one in desk.witness.evidence().history(call_id)
        ]

    @calls.put("/calls/<call_id>/stop")
    @calls.arguments(StopIn)
    @calls.response(204)
    @bad(calls, 404, 409)
    @needs(calls, "mark")
    def ask_to_stop(body: dict[str, Any], call_id: str) -> Any:
        if not caller_of(desk.call(call_id).get("number")):
            abort(409, message="This call has no number: later calls could not be counted.")
        desk.shelf.archive.ask_to_stop(call_id, said_words(body["words"]))
        desk.log("asked to stop", call_id)
        return ""

    @calls.delete("/calls/<call_id>/stop")
    @calls.response(204)
    @bad(calls, 404)
    @needs(calls, "mark")
    def not_asked_to_stop(call_id: str) -> Any:
        desk.call(call_id)
        desk.shelf.archive.ask_to_stop(call_id, None)
        desk.log("not asked to stop", call_id)
        return ""


def _works(calls: Blueprint, desk: Desk) -> None:
    bad = failures

    @calls.post("/bundles")
    @calls.arguments(BundleIn)
    @calls.response(202, WorkOut)
    @bad(calls, 404, 409, 503)
    @needs(calls, "export")
    def make_bundle(body: dict[str, Any]) -> Any:
        from firmware.evidence.bundle.exhibit import Case

        try:
            return _told(start_bundle(desk, body["calls"], Case(body["title"], body["notes"])))
        except TooMuch as error:
            return _busy(error)

    def own(work_id: str) -> Work:
        return desk.works.get(work_id, user().id) or abort(404)

    @calls.get("/works/<work_id>")
    @calls.response(200, WorkOut)
    @bad(calls, 404)
    @needs(calls, "export")
    def get_work(work_id: str) -> Any:
        return _told(own(work_id))

    @calls.get("/works/<work_id>/file")
    @calls.response(200, {"type": "string", "format": "binary"}, content_type="application/zip")
    @bad(calls, 404)
    @needs(calls, "export")
    def get_file(work_id: str) -> Any:
        done = own(work_id)
        if done.file is None or not done.file.exists():
            abort(404)
        return send_file(done.file, "application/zip", download_name=done.name)

    @calls.post("/subject/export")
    @calls.arguments(NumberIn)
    @calls.response(202, WorkOut)
    @bad(calls, 404, 409, 503)
    @needs(calls, "export")
    def subject_export(body: dict[str, Any]) -> Any:
        try:
            work = start_subject(desk, number_of(body["number"]))
        except TooMuch as error:
            return _busy(error)
        return _told(work) if work is not None else abort(404)

    @calls.post("/subject/erase")
    @calls.arguments(EraseIn)
    @calls.response(202, WorkOut)
    @bad(calls, 404, 409, 503)
    @needs(calls, "delete")
    def subject_erase(body: dict[str, Any]) -> Any:
        number = number_of(body["number"])
        if not caller_of(number):
            abort(404)
        try:
            return _told(start_erasure(desk, number, body["contact"]))
        except TooMuch as error:
            return _busy(error)


def _cases(calls: Blueprint, desk: Desk) -> None:
    bad = failures

    @calls.get("/cases")
    @calls.response(200, CaseOut(many=True))
    @bad(calls, 503)
    @needs(calls, "read")
    def list_cases() -> Any:
        return cases_of(desk).all()

    @calls.post("/cases")
    @calls.arguments(CaseIn)
    @calls.response(201, CaseOut)
    @bad(calls, 503)
    @needs(calls, "mark")
    def open_case(body: dict[str, Any]) -> Any:
        title = title_of(body["title"]) or abort(422, message="A case needs a title.")
        made = cases_of(desk).open(title)
        desk.log("case opened", case=made.id)
        return made

    @calls.get("/cases/<case_id>")
    @calls.response(200, CaseOut)
    @bad(calls, 404, 503)
    @needs(calls, "read")
    def get_case(case_id: str) -> Any:
        return case_of(desk, case_id)

    @calls.patch("/cases/<case_id>")
    @calls.arguments(CaseChange)
    @calls.response(200, CaseOut)
    @bad(calls, 404, 503)
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
        return case_of(desk, case_id)

    @calls.delete("/cases/<case_id>")
    @calls.response(204)
    @bad(calls, 404, 503)
    @needs(calls, "mark")
    def close_case(case_id: str) -> Any:
        case_of(desk, case_id)
        cases_of(desk).close(case_id)
        desk.log("case closed", case=case_id)
        return ""


def _stop(calls: Blueprint, desk: Desk) -> None:
    bad = failures

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
    @calls.response(200, {"type": "string", "format": "binary"}, content_type="application/pdf")
    @bad(calls, 404)
    @needs(calls, "read")
    def letter(body: dict[str, Any]) -> Any:
        file = file_of(desk, body["number"]) or abort(404)
        desk.log("letter written", form="pdf")
        return letter_of(file, {**body, "as": "pdf"})
