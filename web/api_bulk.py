"""The API's operations on many calls at once, and on whose a call is."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint, abort

from firmware.archive.errors import CallProtected, NoSuchCall
from web.api_parts import BINARY, failures, needs
from web.api_schemas import Claim, Done, ManyIn, MarkMany
from web.bulk import chosen, delete_audio, download, mark
from web.desk import Desk
from web.household import claim


def add(calls: Blueprint, desk: Desk) -> None:
    """Add the operations to the API's blueprint."""

    @calls.post("/many/mark")
    @calls.arguments(MarkMany)
    @calls.response(200, Done)
    @needs(calls, "mark")
    def mark_many(body: dict[str, Any]) -> Any:
        found = chosen(desk, body["calls"])
        mark(desk, found, body["do"])
        return _told(body["calls"], [one["id"] for one in found], {})

    @calls.post("/many/zip")
    @calls.arguments(ManyIn)
    @calls.response(200, BINARY, content_type="application/zip")
    @failures(calls, 404)
    @needs(calls, "export")
    def zip_many(body: dict[str, Any]) -> Any:
        found = chosen(desk, body["calls"])
        if not found:
            abort(404, message="none of these calls is here")
        return download(desk, found)

    @calls.post("/many/delete")
    @calls.arguments(ManyIn)
    @calls.response(200, Done)
    @needs(calls, "delete")
    def delete_many(body: dict[str, Any]) -> Any:
        done, left = [], {}
        for call in chosen(desk, body["calls"]):
            try:
                delete_audio(desk, call["id"])
                done.append(call["id"])
            except CallProtected:
                left[call["id"]] = "it is flagged or held"
            except NoSuchCall:
                left[call["id"]] = "it has no audio"
        return _told(body["calls"], done, left)

    def _told(asked: list[str], done: list[str], left: dict[str, str]) -> dict[str, Any]:
        unknown = {one: "it is not here" for one in asked if one not in done and one not in left}
        return {"done": done, "left": {**unknown, **left}}

    @calls.put("/calls/<call_id>/claim")
    @calls.arguments(Claim)
    @calls.response(204)
    @failures(calls, 404)
    @needs(calls, "users")
    def claim_call(body: dict[str, Any], call_id: str) -> Any:
        desk.call(call_id)
        if desk.users.get(body["user"]) is None:
            abort(404, message="there is no such user")
        claim(desk, call_id, body["user"])
        return ""

    @calls.delete("/calls/<call_id>/claim")
    @calls.response(204)
    @failures(calls, 404)
    @needs(calls, "users")
    def give_back(call_id: str) -> Any:
        desk.call(call_id)
        claim(desk, call_id, "")
        return ""
