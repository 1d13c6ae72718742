"""`/api/v1`: everything the page does, for programs. Its OpenAPI document is made of this code.

Tokens only: a browser's session opens nothing here, so that no other site can use it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, g, jsonify, request
from flask.typing import ResponseReturnValue
from flask_smorest import Api, Blueprint, abort
from marshmallow import fields, validate

from firmware.archive.mp3 import forget
from firmware.archive.people import RULES, Person
from firmware.archive.retention import OWNERS_WISH, let_go
from firmware.archive.search import Filter, Page
from firmware.archive.waveform import thinned
from web import api_evidence, export, query
from web.api_parts import Closed, Failure, Open, failures, needs
from web.auth import user
from web.desk import Desk
from web.live import line_view
from web.people import person_of
from web.recorder import ask, recorder_state
from web.sound import sound_answer

PREFIX = "/api/v1"
MOST = 200
Text = fields.String
SHORT = validate.Length(max=query.LONGEST)


class ListQuery(Closed):
    q = Text(validate=SHORT, metadata={"description": "words of number, name or note"})
    show = Text(validate=validate.OneOf([one for one in query.SHOWN if one]))
    direction = Text(validate=validate.OneOf([one for one in query.DIRECTIONS if one]))
    number = Text(validate=SHORT)
    person = Text(validate=SHORT)
    since = Text(validate=SHORT, metadata={"description": "first day, 2026-03-31"})
    until = Text(validate=SHORT, metadata={"description": "last day, 2026-03-31"})


class PageQuery(ListQuery):
    before = fields.Integer(validate=validate.Range(0, query.LAST_KEY))
    after = fields.Integer(validate=validate.Range(0, query.LAST_KEY))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, MOST))


class Call(Open):
    """A call's record as its sidecar keeps it, with the owner's marks."""

    id = Text(required=True)
    line = Text()
    sequence = fields.Integer()
    started_at = Text()
    direction = Text()
    outcome = Text()
    number = Text(allow_none=True)
    name = Text(allow_none=True)
    contact = Text()
    duration_s = fields.Float(allow_none=True)
    answered = fields.Boolean()
    flagged = fields.Boolean()
    held = fields.Boolean()
    heard = fields.Boolean()
    note = Text()
    audio = fields.Boolean(metadata={"description": "whether there is a recording"})


class Calls(Open):
    calls = fields.List(fields.Nested(Call), required=True)
    older = fields.Integer(allow_none=True, metadata={"description": "give it as `before`"})
    newer = fields.Integer(allow_none=True, metadata={"description": "give it as `after`"})


class Marks(Closed):
    flagged = fields.Boolean(truthy={True}, falsy={False})
    held = fields.Boolean(truthy={True}, falsy={False})
    heard = fields.Boolean(truthy={True}, falsy={False})
    note = Text(validate=validate.Length(max=4000))


class WaveQuery(Closed):
    parts = fields.Integer(load_default=300, validate=validate.Range(1, 1200))


class Wave(Open):
    peaks = fields.List(fields.Integer(), metadata={"description": "0 is -60 dB, 255 full scale"})


class PersonIn(Closed):
    name = Text(required=True, validate=validate.Length(1, 100))
    numbers = fields.List(Text(validate=validate.Length(1, 40)), validate=validate.Length(max=10))
    rule = Text(load_default="record", validate=validate.OneOf(RULES))
    note = Text(load_default="", validate=validate.Length(max=500))


class PersonOut(Open):
    id = Text(required=True)
    name = Text()
    numbers = fields.List(Text())
    rule = Text()
    note = Text()


class Line(Open):
    ok = fields.Boolean()
    state = Text()
    words = Text()
    recording = fields.Boolean()
    private = fields.Boolean()
    since_s = fields.Float(allow_none=True)
    alarms = fields.List(Text())


class LogRow(Open):
    at = Text()
    what = Text()
    by = Text()
    call = Text()


class ExportQuery(ListQuery):
    form = Text(load_default="csv", validate=validate.OneOf(("csv", "json")))


class _QuietApi(Api):
    """Refusals are said by the page's own handlers, in one form for pages and programs."""

    ERROR_SCHEMA = Failure

    def _register_error_handlers(self) -> None:
        return


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


def install(app: Flask, desk: Desk) -> Blueprint:
    """Register the API and its document; the blueprint, which needs no CSRF tokens."""
    app.config.update(
        API_TITLE="Tipring",
        API_VERSION="1",
        OPENAPI_VERSION="3.0.3",
        OPENAPI_JSON_PATH="openapi.json",
        OPENAPI_URL_PREFIX=PREFIX,
        API_SPEC_OPTIONS={
            "info": {"description": "The calls of one telephone line."},
            "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        },
    )
    made = _QuietApi(app)
    calls = Blueprint("api", __name__, url_prefix=PREFIX)
    bad = failures

    def wanted(args: dict[str, Any]) -> query.Query:
        return query.parse({key: str(value) for key, value in args.items()}, desk.people)

    @calls.get("/calls")
    @calls.arguments(PageQuery, location="query")
    @calls.response(200, Calls)
    @bad(calls, 400)
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
    @bad(calls, 404)
    @needs(calls, "read")
    def get_call(call_id: str) -> Any:
        return _out(desk.call(call_id))

    @calls.patch("/calls/<call_id>")
    @calls.arguments(Marks)
    @calls.response(200, Call)
    @bad(calls, 404)
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
    @bad(calls, 404, 409)
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
    @bad(calls, 404)
    @needs(calls, "hear")
    def waveform(args: dict[str, Any], call_id: str) -> Any:
        desk.call(call_id)
        peaks = desk.waves.of(call_id, desk.shelf.archive.sound(call_id))
        return {"peaks": list(thinned(peaks, args["parts"]))}

    @calls.get("/calls/<call_id>/audio.flac")
    @calls.response(200, {"type": "string", "format": "binary"}, content_type="audio/flac")
    @bad(calls, 404)
    @needs(calls, "hear")
    def audio(call_id: str) -> Any:
        desk.call(call_id)
        sound = desk.shelf.archive.sound(call_id)
        desk.log("downloaded", call_id, form="flac")
        return sound_answer(sound)

    @calls.get("/export")
    @calls.arguments(ExportQuery, location="query")
    @calls.response(200, {"type": "string"}, content_type="text/csv")
    @bad(calls, 400)
    @needs(calls, "export")
    def export_calls(args: dict[str, Any]) -> Any:
        form = args.pop("form")
        return exported(desk, form, wanted(args).wanted)

    @calls.get("/people")
    @calls.response(200, PersonOut(many=True))
    @needs(calls, "people")
    def list_people() -> Any:
        return desk.people.all()

    def checked(body: dict[str, Any], person_id: str = "") -> Person:
        numbers = "\n".join(body.get("numbers", []))
        found = person_of({**body, "numbers": numbers}, person_id)
        if isinstance(found, str):
            abort(422, message=found)
        return found

    @calls.post("/people")
    @calls.arguments(PersonIn)
    @calls.response(201, PersonOut)
    @needs(calls, "people")
    def add_person(body: dict[str, Any]) -> Any:
        kept = desk.people.put(checked(body))
        ask({"do": "settings"})  # its rule holds for the next call
        return kept

    @calls.get("/people/<person_id>")
    @calls.response(200, PersonOut)
    @bad(calls, 404)
    @needs(calls, "people")
    def get_person(person_id: str) -> Any:
        return desk.people.get(person_id) or abort(404)

    @calls.put("/people/<person_id>")
    @calls.arguments(PersonIn)
    @calls.response(200, PersonOut)
    @bad(calls, 404)
    @needs(calls, "people")
    def change_person(body: dict[str, Any], person_id: str) -> Any:
        if desk.people.get(person_id) is None:
            abort(404)
        kept = desk.people.put(checked(body, person_id))
        ask({"do": "settings"})
        return kept

    @calls.delete("/people/<person_id>")
    @calls.response(204)
    @bad(calls, 404)
    @needs(calls, "people")
    def remove_person(person_id: str) -> Any:
        if desk.people.get(person_id) is None:
            abort(404)
        desk.people.remove(person_id)
        ask({"do": "settings"})
        return ""

    @calls.get("/line")
    @calls.response(200, Line)
    @needs(calls, "read")
    def line() -> Any:
        return line_view(desk, recorder_state())

    def told(what: str) -> ResponseReturnValue:
        reply = ask({"do": what})
        if reply is None or not reply.get("ok"):
            why = "The recorder did not answer." if reply is None else str(reply.get("error"))
            return jsonify(ok=False, error=why), 503
        return "", 204

    @calls.post("/line/flag")
    @calls.response(204)
    @bad(calls, 503)
    @needs(calls, "control")
    def flag_now() -> Any:
        return told("flag")

    @calls.post("/line/private")
    @calls.response(204)
    @bad(calls, 503)
    @needs(calls, "control")
    def make_private() -> Any:
        desk.log("made private", "")
        return told("private")

    @calls.post("/line/announce")
    @calls.response(204)
    @bad(calls, 503)
    @needs(calls, "control")
    def announce_now() -> Any:
        desk.log("announced", "")
        return told("announce")

    @calls.get("/log")
    @calls.response(200, LogRow(many=True))
    @needs(calls, "log")
    def log() -> Any:
        return list(desk.access.newest())

    api_evidence.add(calls, desk)
    made.register_blueprint(calls)

    @app.before_request
    def only_with_a_token() -> ResponseReturnValue | None:
        view = app.view_functions.get(request.endpoint or "")
        if not request.path.startswith("/api/") or view is None:
            return None
        scope = getattr(view, "scope", None)
        if request.endpoint == "api-docs.openapi_json":
            scope = "read"
        token = g.get("token")
        if token is None or scope is None or scope not in token.scopes:
            return jsonify(ok=False, error=f"this token lacks the scope: {scope}"), 403
        return None

    return calls


def exported(desk: Desk, form: str, wanted: Filter) -> Response:
    """The calls as a file, entered in the access log."""
    desk.log("exported", form=form)
    # Read while it is sent: who asks is known now, and not then.
    asking = user()

    def read(which: Filter, limit: int, before: int | None) -> Page:
        return desk.page(which, limit, before, asking=asking)

    parts = (export.as_csv if form == "csv" else export.as_json)(read, wanted)
    kind = "text/csv; charset=utf-8" if form == "csv" else "application/json"
    answer = Response(parts, content_type=kind)
    answer.headers["Content-Disposition"] = f"attachment; filename=tipring-calls.{form}"
    return answer
