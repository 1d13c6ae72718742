"""The API's calls: listed, read, marked, exported, deleted."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import jsonify
from flask_smorest import Blueprint, abort

from firmware.archive.search import caller_of
from web import query
from web.api_parts import failures, needs
from web.api_schemas import Call, Caller, Calls, ExportQuery, Marks, PageQuery
from web.auth import user
from web.bulk import delete_audio
from web.desk import Desk
from web.export import exported
from web.words import plain

OURS = ("key", "person_id")  # of the list, not of the call


def _out(call: dict[str, Any]) -> dict[str, Any]:
    said = {key: call[key] for key in Call().fields if key in call}
    return {
        **said,
        "audio": bool(call.get("audio")),
        "flagged": bool(call.get("flagged")),
        "held": bool(call.get("held")),
        "heard": bool(call.get("heard")),
        "note": call.get("note") or "",
        "id": call["id"],
    }


def add(calls: Blueprint, desk: Desk) -> None:
    """Add the operations to the API's blueprint."""

    def wanted(args: dict[str, Any]) -> query.Query:
        return query.parse({key: str(value) for key, value in args.items()}, desk.people)

    @calls.get("/calls")
    @calls.arguments(PageQuery, location="query")
    @calls.response(200, Calls)
    @failures(calls, 400)
    @needs(calls, "read")
    def list_calls(args: dict[str, Any]) -> Any:
        limit = args.pop("limit")
        asked = wanted(args)
        page = desk.page(asked.wanted, limit, asked.before, asked.after)
        return {
            "calls": [_out(one) for one in page.calls],
            "older": page.older,
            "newer": page.newer,
        }

    @calls.get("/calls/<call_id>")
    @calls.response(200, Call)
    @failures(calls, 404)
    @needs(calls, "read")
    def get_call(call_id: str) -> Any:
        return _out(desk.call(call_id))

    @calls.patch("/calls/<call_id>")
    @calls.arguments(Marks)
    @calls.response(200, Call)
    @failures(calls, 404)
    @needs(calls, "mark")
    def mark_call(marks: dict[str, Any], call_id: str) -> Any:
        archive = desk.shelf.archive
        desk.call(call_id)
        if "held_why" in marks and not marks.get("held"):
            abort(422, message="held_why is the reason of a hold: send held, too")
        if "flagged" in marks:
            archive.flag(call_id, marks["flagged"])
            desk.log("flagged" if marks["flagged"] else "unflagged", call_id)
        if "held" in marks:
            why = plain(marks.get("held_why", ""))
            archive.hold(call_id, marks["held"], user().name, why)
            desk.log("held" if marks["held"] else "released", call_id, why=why)
        if marks.get("heard"):
            archive.heard(call_id)
        if "note" in marks:
            archive.note(call_id, marks["note"].replace("\x00", ""))
            desk.log("noted", call_id)
        return _out(desk.call(call_id))

    @calls.delete("/calls/<call_id>")
    @calls.response(204)
    @failures(calls, 404, 409)
    @needs(calls, "delete")
    def delete_call(call_id: str) -> Any:
        desk.call(call_id)
        delete_audio(desk, call_id)
        return ""

    @calls.get("/calls/<call_id>/record")
    @calls.response(200, {"type": "object"}, content_type="application/json")
    @failures(calls, 404)
    @needs(calls, "read")
    def record(call_id: str) -> Any:
        found = desk.call(call_id)
        return jsonify({key: value for key, value in found.items() if key not in OURS})

    @calls.get("/callers/<number>")
    @calls.response(200, Caller)
    @failures(calls, 404)
    @needs(calls, "read")
    def caller(number: str) -> Any:
        asked = caller_of(number[: query.LONGEST])
        counts = desk.counts(asked) if asked else None
        if counts is None or not counts.calls:
            abort(404, message="there is no call of that number")
        person = desk.people.of(number)
        return {**asdict(counts), "contact": person.name if person else None}

    @calls.get("/export")
    @calls.arguments(ExportQuery, location="query")
    @calls.response(200, {"type": "string"}, content_type="text/csv")
    @failures(calls, 400)
    @needs(calls, "export")
    def export_calls(args: dict[str, Any]) -> Any:
        form = args.pop("form")
        return exported(desk, form, wanted(args).wanted)
