"""What a call's record says about consent, in words of the page's language."""

from __future__ import annotations

from typing import Any

from flask_babel import format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as later

from web.language import language

REFUSED = {
    "never-recorded": later("Never recorded: that is the rule for this number. There is no audio."),
    "not-armed": later(
        "Not recorded: in this country the box waits until the announcement is set up. There is no"
        " audio."
    ),
    "not-announced": later(
        "Not recorded: in this country a call is not recorded without an announcement. There is no"
        " audio."
    ),
}
SOUNDS = {"announcement": later("Announcement"), "beep": later("Beep")}
MUST = {"one": later("whoever takes part may record"), "all": later("everybody must know")}


def refused(call: dict[str, Any]) -> str:
    """Why there is no audio of a call that was not to be recorded."""
    return str(REFUSED.get(str(call.get("refused")), _("Not recorded, by rule.")))


def _played(call: dict[str, Any]) -> list[dict[str, Any]]:
    kept = call.get("consent")
    played = kept.get("played") if isinstance(kept, dict) else None
    return [one for one in played or [] if isinstance(one, dict)]


def _name(one: dict[str, Any]) -> str:
    return str(SOUNDS.get(str(one.get("what")), _("Sound")))


def played_at(call: dict[str, Any]) -> list[tuple[int, str]]:
    """What was heard in the recording: the sample that it begins with, and its name."""
    return [(one["from"], _name(one)) for one in _played(call) if isinstance(one.get("from"), int)]


def decided(call: dict[str, Any]) -> str:
    """What the box decided about the call, in one sentence; "" where nothing is known."""
    kept = call.get("consent")
    if not isinstance(kept, dict):
        return ""
    if call.get("refused"):
        return refused(call)
    if kept.get("announce") and kept.get("beep"):
        return _("Recorded, with an announcement and a beep every 15 seconds.")
    if kept.get("announce"):
        return _("Recorded, with an announcement.")
    if kept.get("beep"):
        return _("Recorded, with a beep every 15 seconds.")
    return _("Recorded, without an announcement.")


def sounds(call: dict[str, Any]) -> list[tuple[str, bool]]:
    """What was played, each in a sentence, and whether it is as it should be."""
    rate = call.get("rate") or 8000
    found = []
    for one in _played(call):
        name = _name(one)
        if one.get("audible") and isinstance(one.get("from"), int):
            said = _(
                "%(name)s, audible from sample %(first)s to %(last)s (%(at)s s), %(level)s dBm0.",
                name=name,
                first=format_decimal(one["from"]),
                last=format_decimal(one.get("to")),
                at=format_decimal(round(one["from"] / rate, 1)),
                level=format_decimal(one.get("level_dbm0")),
            )
            found.append((said, True))
        elif one.get("audible") is None:
            said = _("%(name)s, played; nobody could listen to the recording.", name=name)
            found.append((said, True))
        elif one.get("error"):
            why = str(one["error"])
            found.append((_("%(name)s, not played: %(why)s", name=name, why=why), False))
        else:
            said = _("%(name)s, played, but it cannot be heard in the recording.", name=name)
            found.append((said, False))
    return found


def cited(statute: object) -> str:
    """A statute for the page: where the reader's language is not English, without the English
    words after the place, which the page has said in his own."""
    whole = str(statute or "")
    return whole if language() == "en" else whole.split(": ")[0]


def rule(call: dict[str, Any]) -> str:
    """The place, who must know, and the statute."""
    kept = call.get("consent")
    if not isinstance(kept, dict):
        return ""
    who = MUST.get(str(kept.get("must_know")), "")
    return f"{kept.get('place', '')}: {who}. {cited(kept.get('statute'))}."
