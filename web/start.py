"""The first steps: who uses the telephone, and a line that is proved by three calls.

Nothing is asked that the box can see by itself: a step is done when a call shows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from firmware.archive.search import Filter
from firmware.calls.consent import Rule, Start
from firmware.law import load_rules
from web import consent
from web.desk import Desk
from web.language import phone
from web.recorder import recorder_state
from web.wizard import volts
from web.words import clock, plain, state_of_number

LOOKED_AT = 30
FORMS = ("no", "yes")  # of `archive.sealed`
VOLTS = ("line_volts", "line_lowest_volts", "line_highest_volts")
VOLTS += ("line_idle_volts", "line_threshold_volts")


@dataclass(frozen=True, slots=True)
class Step:
    """`found`: what the box saw, in words; empty while it is not done."""

    title: str
    what_to_do: str
    found: str = ""
    href: str = ""
    play: str = ""
    warning: str = ""
    button: str = ""


def _consent(desk: Desk) -> Step:
    title = _("Who uses this telephone, and where")
    do = _("Choose it: by the law of the place the box then records, announces, or waits for you.")
    href = url_for("consent.index")
    chosen = desk.settings.get().phone_used_by
    if not chosen:
        return Step(title, do, href=href, button=_("Choose"))
    now = desk.configured.now()[0].consent
    rule = load_rules().get(now.place)
    if rule is None:
        return Step(title, do, href=href, button=_("Choose"))
    said = " ".join(consent.follows(rule, now.use, now.armed == "yes"))
    where = f"{consent.place_words(rule)}, {consent.USES[now.use]}"
    if _waits(rule, now.armed):
        warning = f"{where}: {said}"
        return Step(title, do, href=href, warning=warning, button=_("Change"))
    return Step(title, do, f"{where}: {said}", href, button=_("Change"))


def _waits(rule: Rule, armed: str) -> bool:
    """Whether the box waits with recording for its owner."""
    return rule.start is Start.WAIT and armed != "yes"


def _idle(state: dict[str, Any] | None) -> Step:
    title, do = _("The line is quiet"), _("Leave every telephone on the hook.")
    if not state or not state.get("ok"):
        return Step(title, do, warning=_("The recorder does not answer."))
    if state.get("alarms"):
        return Step(title, do, warning=_("See the alarm above: it comes first."))
    if state.get("state") == "idle":
        return Step(title, do, _("There is voltage on the line, and no telephone is lifted."))
    return Step(title, do)


def _outgoing(calls: list[dict[str, Any]]) -> Step:
    title = _("A call from here")
    do = _("Lift the telephone, dial a number that answers, speak, and hang up.")
    for call in calls:
        if call.get("direction") == "outgoing" and call.get("audio"):
            dialled = phone(plain(call.get("dialled")) or plain(call.get("number")))
            length = clock(call.get("duration_s"))
            if dialled:
                said = _("Dialled %(digits)s, recorded %(length)s.", digits=dialled, length=length)
                return Step(title, do, said, url_for("calls.call", call_id=call["id"]))
            warning = _("A call was recorded, but no digits were understood. Try once more.")
            return Step(title, do, warning=warning)
    return Step(title, do)


def _incoming(calls: list[dict[str, Any]]) -> Step:
    title = _("A call to here")
    do = _("Call this line from another telephone, let it ring twice, answer, speak, hang up.")
    for call in calls:
        if call.get("direction") == "incoming":
            rings = int(call.get("rings") or 0)
            number = plain(call.get("number"))
            href = url_for("calls.call", call_id=call["id"])
            if not number:
                why = state_of_number(call)
                said = ngettext(
                    "It rang %(num)s time; the number is missing: %(why)s.",
                    "It rang %(num)s times; the number is missing: %(why)s.",
                    rings,
                    why=why,
                )
                return Step(title, do, said, href)
            ids = call.get("caller_ids") or [{}]
            standard = plain(ids[0].get("standard")) or _("standard unknown")
            said = ngettext(
                "It rang %(num)s time; the number %(number)s came (%(standard)s).",
                "It rang %(num)s times; the number %(number)s came (%(standard)s).",
                rings,
                number=phone(number),
                standard=standard,
            )
            return Step(title, do, said, href)
    return Step(title, do)


def _heard(calls: list[dict[str, Any]]) -> Step:
    title, do = (
        _("Both are heard"),
        _("Play the test call back: do you hear yourself and the other?"),
    )
    for call in calls:
        if call.get("audio"):
            play = url_for("audio.player", call_id=call["id"])
            href = url_for("calls.call", call_id=call["id"])
            found = _("You played it.") if call.get("heard") else ""
            return Step(title, do, found, href, play)
    return Step(title, do)


def steps(desk: Desk) -> list[Step]:
    """The first steps, and how far they have come."""
    calls = desk.page(Filter(blind=False), LOOKED_AT).calls
    line = _idle(recorder_state())
    return [_consent(desk), line, _outgoing(calls), _incoming(calls), _heard(calls)]


def blueprint(desk: Desk) -> Blueprint:
    """One page, looked at again and again until all is green."""
    pages = Blueprint("start", __name__)

    @pages.get("/start")
    def index() -> ResponseReturnValue:
        return render_template(
            "start.html",
            steps=steps(desk),
            chosen=desk.settings.get(),
            sealed=desk.configured.chosen("archive").get("sealed"),
            now=desk.configured.now()[0].archive.sealed,
        )

    @pages.post("/start/files")
    def files() -> ResponseReturnValue:
        wish = request.form.get("sealed", "")
        if wish not in FORMS:
            abort(400)
        desk.configured.choose("archive", {"sealed": wish})
        desk.log("settings changed", sealed=wish)
        flash(_("Chosen. It holds from the next call on; calls that are there stay as they are."))
        return redirect(url_for("start.index"))

    @pages.get("/line")
    def monitor() -> ResponseReturnValue:
        state = recorder_state() or {}
        found = {name: state.get(name) for name in VOLTS}
        return render_template("monitor.html", volts=found, said=volts)

    return pages
