"""The running call: its state as it changes, its sound, and the buttons of the box."""

from __future__ import annotations

import time

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as later

from web.auth import user
from web.desk import Desk
from web.line import line_view, may_join
from web.recorder import ask, recorder_state
from web.streams import NoStream, Streams
from web.words import plain

NOT_ANNOUNCED = {
    "no-call": later("No call is running."),
    "doubt": later(
        "A call is waiting, or the hook was flashed a moment ago: nobody can be sure who would hear"
        " it. Try again in 20 seconds."
    ),
    "no-card": later("No card is set up to play into the line."),
    "busy": later("Another sound is being played into the line."),
    "refused": later("This call is not recorded: there is nothing to announce."),
    "late": later("The recorder is busy: the announcement was not played. Try again."),
}
SAME_CALL_S = 2.0  # the state's age of a call is rounded, and a request takes a while


def running_since() -> float | None:
    """When the recorded call began, in monotonic seconds; None where none is recorded.

    For a listener of few a call with somebody else is none.
    """
    state = recorder_state()
    if not state or not state.get("recording") or state.get("since_s") is None:
        return None
    if not may_join(user(), state):
        return None
    return time.monotonic() - float(state["since_s"])


def blueprint(desk: Desk, streams: Streams) -> Blueprint:
    """State, events, sound, flag, and private behind a confirmation."""
    pages = Blueprint("live", __name__, url_prefix="/live")

    @pages.get("/state")
    def state() -> ResponseReturnValue:
        found = line_view(desk, recorder_state())
        return jsonify(found), 200 if found["ok"] else 503

    @pages.get("/events")
    def events() -> ResponseReturnValue:
        try:
            return streams.events("level" in request.args)
        except NoStream as error:
            return jsonify(ok=False, error=str(error)), error.code

    @pages.get("/audio.wav")
    def listen() -> ResponseReturnValue:
        try:
            return streams.sound()
        except NoStream as error:
            return jsonify(ok=False, error=str(error)), error.code

    @pages.post("/flag")
    def flag() -> ResponseReturnValue:
        return _done({"do": "flag"}, _("Flagged."))

    @pages.post("/announce")
    def announce() -> ResponseReturnValue:
        if may_join(user(), recorder_state()):
            desk.log("announced", "")
        return _done({"do": "announce"}, _("The announcement is being played."))

    @pages.get("/private")
    def ask_private() -> ResponseReturnValue:
        return render_template("private.html", since=running_since())

    @pages.post("/private")
    def private() -> ResponseReturnValue:
        since, meant = running_since(), request.form.get("since", type=float)
        if recorder_state() is not None and (
            since is None or meant is None or not abs(since - meant) <= SAME_CALL_S
        ):
            flash(_("That call is over. Nothing was erased."))
            return redirect(url_for("calls.index"))
        desk.log("made private", "")
        return _done({"do": "private"}, _("The running call is private; its audio is erased."))

    def _done(message: dict[str, str], said: str) -> ResponseReturnValue:
        mine = may_join(user(), recorder_state())
        reply = ask(message) if mine else {"ok": False, "code": "no-call"}
        if reply is None:
            said = _("The recorder did not answer: not done.")
        elif not reply.get("ok"):
            why = NOT_ANNOUNCED.get(str(reply.get("code"))) or plain(reply.get("error"))
            said = _("Not done: %(why)s", why=why)
        flash(said)
        return redirect(url_for("calls.index"))

    return pages
