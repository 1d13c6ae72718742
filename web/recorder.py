"""What the page asks the recorder, through the control socket only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import current_app, g

from firmware.control import ControlClient, ControlError


def recorder_state() -> dict[str, Any] | None:
    """The recorder's state, asked once a request; None where no recorder answers."""
    if "recorder_state" not in g:
        g.recorder_state = ask({"do": "state"})
    state: dict[str, Any] | None = g.recorder_state
    return state


def ask(message: dict[str, Any]) -> dict[str, Any] | None:
    """The recorder's answer, or None where it does not answer."""
    try:
        return ControlClient(Path(current_app.config["CONTROL"])).request(message)
    except ControlError:
        return None
