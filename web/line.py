"""The line as a page or a program is told of it."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from web.desk import Desk
from web.language import phone
from web.words import alarm_words, clock, plain, state_words


def line_view(desk: Desk, state: dict[str, Any] | None) -> dict[str, Any]:
    """The line as a page shows it: words of its language, nothing that a browser would act on."""
    if not state or not state.get("ok"):
        said = _("The recorder does not answer.")
        return {"ok": False, "state": "silent", "words": said, "alarms": [], "recording": False}
    number = plain(state.get("number"))
    person = desk.people.of(number) if number else None
    name = person.name if person else phone(number)
    words = state_words(str(state.get("state")))
    since = state.get("since_s")
    return {
        "ok": True,
        "state": plain(state.get("state")),
        "words": f"{words}: {name}" if name else words,
        "recording": bool(state.get("recording")),
        "private": bool(state.get("private")),
        "refused": bool(state.get("refused")),
        "can_play": state.get("announce", "no-card") != "no-card",
        "since_s": since,
        "clock": clock(since) if isinstance(since, int | float) else "",
        "vox": state.get("hook") == "vox",
        "alarms": [alarm_words(kind, why) for kind, why in (state.get("alarms") or {}).items()],
    }
