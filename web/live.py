"""The running call: its state, and the buttons that do what the hardware button does."""

from __future__ import annotations

import time

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from web.recorder import ask, recorder_state

SAME_CALL_S = 2.0  # the state's age of a call is rounded, and a request takes a while


def running_since() -> float | None:
    """When the recorded call began, in monotonic seconds; None where none is recorded."""
    state = recorder_state()
    if not state or not state.get("recording") or state.get("since_s") is None:
        return None
    return time.monotonic() - float(state["since_s"])


def blueprint() -> Blueprint:
    """State as JSON, flag, and private behind a confirmation."""
    pages = Blueprint("live", __name__, url_prefix="/live")

    @pages.get("/state")
    def state() -> ResponseReturnValue:
        found = recorder_state()
        return jsonify(found) if found else (jsonify(ok=False, error="no recorder answers"), 503)

    @pages.post("/flag")
    def flag() -> ResponseReturnValue:
        return _done({"do": "flag"}, "Flagged.")

    @pages.get("/private")
    def ask_private() -> ResponseReturnValue:
        return render_template("private.html", since=running_since())

    @pages.post("/private")
    def private() -> ResponseReturnValue:
        since, meant = running_since(), request.form.get("since", type=float)
        if recorder_state() is not None and (
            since is None or meant is None or not abs(since - meant) <= SAME_CALL_S
        ):
            flash("That call is over. Nothing was erased.")
            return redirect(url_for("calls.index"))
        return _done({"do": "private"}, "The running call is private; its audio is erased.")

    def _done(message: dict[str, str], said: str) -> ResponseReturnValue:
        reply = ask(message)
        if reply is None:
            said = "The recorder did not answer: not done."
        elif not reply.get("ok"):
            said = f"Not done: {reply.get('error')}"
        flash(said)
        return redirect(url_for("calls.index"))

    return pages
