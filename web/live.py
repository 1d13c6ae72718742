"""The running call: its state, and the buttons that do what the hardware button does."""

from __future__ import annotations

from flask import Blueprint, flash, jsonify, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from web.recorder import ask, recorder_state


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
        return render_template("private.html", state=recorder_state())

    @pages.post("/private")
    def private() -> ResponseReturnValue:
        return _done({"do": "private"}, "The running call is private; its audio is erased.")

    def _done(message: dict[str, str], said: str) -> ResponseReturnValue:
        reply = ask(message)
        flash(said if reply and reply.get("ok") else "The recorder did not answer: not done.")
        return redirect(url_for("calls.index"))

    return pages
