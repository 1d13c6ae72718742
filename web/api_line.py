"""The API's view of the line: its state and its events, the running call, the line wizard."""

from __future__ import annotations

from typing import Any

from flask import jsonify
from flask.typing import ResponseReturnValue
from flask_smorest import Blueprint, abort

from web.api_box_schemas import EventsQuery, Line, LineMonitor, WizardIn, WizardOut
from web.api_parts import BINARY, failures, needs
from web.desk import Desk
from web.line import line_view
from web.recorder import ask, recorder_state
from web.start import VOLTS
from web.streams import NoStream, Streams


def add(calls: Blueprint, desk: Desk, streams: Streams) -> None:
    """Add the operations to the API's blueprint."""
    _watch(calls, desk, streams)
    _press(calls, desk)
    _learn(calls, desk)


def _watch(calls: Blueprint, desk: Desk, streams: Streams) -> None:
    @calls.get("/line")
    @calls.response(200, Line)
    @needs(calls, "read")
    def line() -> Any:
        return line_view(desk, recorder_state())

    @calls.get("/line/monitor")
    @calls.response(200, LineMonitor)
    @failures(calls, 503)
    @needs(calls, "read")
    def monitor() -> Any:
        state = recorder_state()
        if state is None:
            abort(503, message="The recorder did not answer.")
        return {name: state.get(name) for name in VOLTS}

    @calls.get("/line/events")
    @calls.arguments(EventsQuery, location="query")
    @calls.response(200, {"type": "string"}, content_type="text/event-stream")
    @failures(calls, 503)
    @needs(calls, "read")
    def events(args: dict[str, Any]) -> Any:
        try:
            return streams.events(args["level"])
        except NoStream as error:
            abort(error.code, message=str(error))

    @calls.get("/line/audio.wav")
    @calls.response(200, BINARY, content_type="audio/wav")
    @failures(calls, 409, 503)
    @needs(calls, "hear")
    def listen() -> Any:
        try:
            return streams.sound()
        except NoStream as error:
            abort(error.code, message=str(error))


def _press(calls: Blueprint, desk: Desk) -> None:
    def told(what: str) -> ResponseReturnValue:
        reply = ask({"do": what})
        if reply is None or not reply.get("ok"):
            why = "The recorder did not answer." if reply is None else str(reply.get("error"))
            return jsonify(ok=False, error=why), 503
        return "", 204

    @calls.post("/line/flag")
    @calls.response(204)
    @failures(calls, 503)
    @needs(calls, "control")
    def flag_now() -> Any:
        return told("flag")

    @calls.post("/line/private")
    @calls.response(204)
    @failures(calls, 503)
    @needs(calls, "control")
    def make_private() -> Any:
        desk.log("made private", "")
        return told("private")

    @calls.post("/line/announce")
    @calls.response(204)
    @failures(calls, 503)
    @needs(calls, "control")
    def announce_now() -> Any:
        desk.log("announced", "")
        return told("announce")


def _learn(calls: Blueprint, desk: Desk) -> None:
    def answered(reply: dict[str, Any] | None) -> ResponseReturnValue | None:
        if reply is None or not reply.get("ok"):
            why = "The recorder did not answer." if reply is None else str(reply.get("error"))
            return jsonify(ok=False, error=why), 503
        return None

    @calls.get("/line/wizard")
    @calls.response(200, WizardOut)
    @failures(calls, 503)
    @needs(calls, "settings")
    def wizard_view() -> Any:
        reply = ask({"do": "wizard"})
        return answered(reply) or reply

    @calls.post("/line/wizard")
    @calls.arguments(WizardIn)
    @calls.response(204)
    @failures(calls, 503)
    @needs(calls, "settings")
    def wizard_go(body: dict[str, Any]) -> Any:
        if failed := answered(ask({"do": "wizard", **body})):
            return failed
        desk.log("line learned", did=body["go"])
        return "", 204
