"""About: which version runs, how long, how the box does, and when it could not record."""

from __future__ import annotations

import time
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from firmware import __version__
from firmware.archive.errors import ArchiveError
from firmware.archive.search import Filter
from web import whole
from web.desk import Desk
from web.recorder import recorder_state
from web.words import plain

BLIND = 10


def uptime() -> float | None:
    """Seconds since the box was started."""
    try:
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    except (AttributeError, OSError):
        return None


def blueprint(desk: Desk) -> Blueprint:
    """One page, and nothing to change on it."""
    pages = Blueprint("about", __name__)

    def newest(wanted: Filter, limit: int) -> list[dict[str, Any]]:
        try:
            return desk.page(wanted, limit).calls
        except ArchiveError:
            return []  # every other page says what is wrong with the archive

    @pages.get("/about")
    def index() -> ResponseReturnValue:
        state = recorder_state() or {}
        last = newest(Filter(blind=False), 1)
        return render_template(
            "about.html",
            version=__version__,
            uptime=uptime(),
            running=state.get("running_s"),
            alarms=len(state.get("alarms") or {}),
            last=last[0] if last else None,
            blind=[(one, plain(whole.cause(one))) for one in newest(Filter(blind=True), BLIND)],
        )

    return pages
