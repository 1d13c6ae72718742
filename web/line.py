"""The line as a page or a program is told of it."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from firmware.archive.search import caller_of
from web.auth import user
from web.desk import Desk
from web.language import phone
from web.users import User
from web.words import alarm_words, clock, plain, state_words


def may_join(asking: User, state: dict[str, Any] | None) -> bool:
    """Whether the running call is his to know of, hear and mark: one of his callers' where he has
    some of his own. Without a number it is nobody's but theirs who may see all."""
    number = (state or {}).get("number")
    return not asking.callers or caller_of(number) in asking.callers


def line_view(
    desk: Desk, state: dict[str, Any] | None, asking: User | None = None
) -> dict[str, Any]:
    """The line as a page shows it: words of its language, nothing that a browser would act on.

    Who may not join the running call (`asking`, or who is logged in) sees that the line is in use,
    and not by whom.
    """
    if not state or not state.get("ok"):
        said = _("The recorder does not answer.")
        return {"ok": False, "state": "silent", "words": said, "alarms": [], "recording": False}
    joins = may_join(asking or user(), state)
    number = plain(state.get("number")) if joins else ""
    person = desk.people.of(number) if number else None
    name = person.name if person else phone(number)
    words = state_words(str(state.get("state")))
    since = state.get("since_s")
    return {
        "ok": True,
        "state": plain(state.get("state")),
        "words": f"{words}: {name}" if name else words,
        "recording": joins and bool(state.get("recording")),
        "private": bool(state.get("private")),
        "refused": bool(state.get("refused")),
        "can_play": state.get("announce", "no-card") != "no-card",
        "since_s": since,
        "clock": clock(since) if isinstance(since, int | float) else "",
        "vox": state.get("hook") == "vox",
        "alarms": [alarm_words(kind, why) for kind, why in (state.get("alarms") or {}).items()],
    }
