"""The API's evidence: the seal of a call, the signed log, checking a bundle, what is printed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import request
from flask_smorest import Blueprint, abort

from firmware.evidence.errors import EvidenceError
from web.api_evidence_schemas import Entry, KeyIn, LogHead, Seal, VerdictOut, WordsIn, WordsOut
from web.api_parts import failures, needs, takes
from web.desk import Desk
from web.evidence_pages import LARGEST_UPLOAD, checked, log_state, printed, uploads
from web.users import OWNER


def _iso(at: float | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat()


def add(calls: Blueprint, desk: Desk, limited: Any) -> None:
    """Add the operations to the API's blueprint. `limited`: slows down what could be guessed at."""
    _of_a_call(calls, desk)
    _on_paper(calls, desk, limited)

    @calls.get("/evidence/head")
    @calls.response(200, LogHead)
    @failures(calls, 503)
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

    @calls.post("/evidence/verify")
    @takes(calls, "application/octet-stream")
    @calls.response(200, VerdictOut)
    @failures(calls, 413)
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

    @calls.get("/calls/<call_id>/seal")
    @calls.response(200, Seal)
    @failures(calls, 404)
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
    @failures(calls, 404, 503)
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


def _on_paper(calls: Blueprint, desk: Desk, limited: Any) -> None:
    @calls.post("/evidence/words")
    @calls.arguments(WordsIn)
    @calls.response(200, WordsOut)
    @failures(calls, 404, 503)
    @needs(calls, "read")
    def look_up_words(body: dict[str, Any]) -> Any:
        evidence = desk.witness.evidence()
        try:
            found = evidence.head_of_words(" ".join(body["words"].split()))
        except EvidenceError as error:
            abort(404, message=str(error))
        return {"size": found.size, "at": _iso(found.at)}

    @calls.get("/evidence/head.html")
    @calls.response(200, {"type": "string"}, content_type="text/html")
    @failures(calls, 503)
    @needs(calls, "read")
    def print_head() -> Any:
        from firmware.evidence import paper

        signed = desk.witness.evidence().head_for_paper()
        desk.log("head printed")
        return printed(paper.head_page(signed))

    @calls.post("/evidence/key.html")
    @calls.arguments(KeyIn)
    @calls.response(200, {"type": "string"}, content_type="text/html")
    @failures(calls, 403, 429, 503)
    @needs(calls, "users")
    @limited
    def print_key(body: dict[str, Any]) -> Any:
        from firmware.evidence import paper

        owner = desk.users.get(OWNER)
        if owner is None or not desk.users.check_user(owner, body["password"]):
            abort(403, message="that is not the owner's password")
        page = paper.key_page(desk.witness.evidence().key)
        desk.log("key printed")
        return printed(page)
