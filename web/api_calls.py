"""The API's calls: listed, read, marked, heard, exported, deleted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask_smorest import Blueprint

from firmware.archive.mp3 import forget
from firmware.archive.retention import OWNERS_WISH, let_go
from firmware.archive.waveform import thinned
from web import query
from web.api_parts import failures, needs
from web.api_schemas import (
    Call,
    Calls,
    ExportQuery,
    Marks,
    PageQuery,
    Wave,
    WaveQuery,
)
from web.auth import user
from web.desk import Desk
from web.export import exported
from web.sound import sound_answer


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
        if "flagged" in marks:
            archive.flag(call_id, marks["flagged"])
            desk.log("flagged" if marks["flagged"] else "unflagged", call_id)
        if "held" in marks:
            archive.hold(call_id, marks["held"], user().name)
            desk.log("held" if marks["held"] else "released", call_id)
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
        call = desk.call(call_id)
        master = desk.shelf.archive.sound(call["id"])
        let_go(desk.shelf.archive, call_id, OWNERS_WISH, datetime.now(UTC))
        desk.log("deleted", call_id)
        forget(master, desk.cache)
        desk.waves.forget(call_id)
        return ""

    @calls.get("/calls/<call_id>/waveform")
    @calls.arguments(WaveQuery, location="query")
    @calls.response(200, Wave)
    @failures(calls, 404)
    @needs(calls, "hear")
    def waveform(args: dict[str, Any], call_id: str) -> Any:
        desk.call(call_id)
        peaks = desk.waves.of(call_id, desk.shelf.archive.sound(call_id))
        return {"peaks": list(thinned(peaks, args["parts"]))}

    @calls.get("/calls/<call_id>/audio.flac")
    @calls.response(200, {"type": "string", "format": "binary"}, content_type="audio/flac")
    @failures(calls, 404)
    @needs(calls, "hear")
    def audio(call_id: str) -> Any:
        desk.call(call_id)
        sound = desk.shelf.archive.sound(call_id)
        desk.log("downloaded", call_id, form="flac")
        return sound_answer(sound)

    @calls.get("/export")
    @calls.arguments(ExportQuery, location="query")
    @calls.response(200, {"type": "string"}, content_type="text/csv")
    @failures(calls, 400)
    @needs(calls, "export")
    def export_calls(args: dict[str, Any]) -> Any:
        form = args.pop("form")
        return exported(desk, form, wanted(args).wanted)
