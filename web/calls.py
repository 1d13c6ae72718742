"""The list of calls, one call with its flag and note, and all calls of one caller."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from firmware.archive.search import Filter, caller_of
from web import audio, facts, picture
from web.auth import user
from web.desk import Desk
from web.language import local
from web.query import DIRECTIONS, SHOWN, parse
from web.recorder import recorder_state
from web.rows import Rows, sort_of

PAGE = 50
LONGEST_NOTE = 4000
LATEST = 5


def by_day(calls: list[dict[str, Any]]) -> list[tuple[Any, list[dict[str, Any]]]]:
    """The calls under the days of the box's clock, in the order in which they came."""

    def day(call: dict[str, Any]) -> Any:
        found = local(call.get("started_at"))
        return found.date() if found else None

    return [(one, list(group)) for one, group in groupby(calls, day)]


def blueprint(desk: Desk) -> Blueprint:
    """Everything that is read or marked one call at a time."""
    pages = Blueprint("calls", __name__)

    @pages.get("/")
    def index() -> ResponseReturnValue:
        query = parse(request.args, desk.people, ("select",))
        found = desk.page(query.wanted, PAGE, query.before, query.after)
        number = query.said.get("number", "")
        person = desk.people.get(query.said.get("person", ""))
        made = Rows(desk.thumbnails(found.calls), desk.seals.known(found.calls))
        counts = None
        if query.wanted.callers:
            counts = desk.counts(*query.wanted.callers)
        return render_template(
            "calls.html",
            days=[(day, [made.row(one) for one in calls]) for day, calls in by_day(found.calls)],
            page=found,
            query=query,
            shown=SHOWN,
            directions=DIRECTIONS,
            selecting="select" in request.args and "manage" in user().rights,
            person=person or (desk.people.of(number) if number else None),
            number=number,
            counts=counts,
            state=recorder_state(),
        )

    def shown(call: dict[str, Any]) -> str:
        call_id = call["id"]
        if call.get("audio") and "hear" in user().rights:
            desk.preparer.mp3(call_id)
        caller = caller_of(call.get("number"))
        others, counts = [], None
        if caller:
            counts = desk.counts(caller)
            near = desk.page(Filter(callers=(caller,)), LATEST + 1).calls
            others = [one for one in near if one["id"] != call_id][:LATEST]
        made = Rows(desk.thumbnails(others), desk.seals.known(others))
        return render_template(
            "call.html",
            call=call,
            source=audio.source(call),
            peaks=desk.peaks(call),
            picture=picture,
            marks=facts.marks(call),
            length=facts.length(call),
            longest=LONGEST_NOTE,
            has_others=bool(desk.users.others()),
            others=[made.row(one) for one in others],
            sort=sort_of(call),
            signs=made.marks(call),
            counts=counts,
            state=recorder_state(),
            seal=desk.seals.of(call),
            done=desk.done_with(call_id),
        )

    @pages.get("/calls/<call_id>")
    def call(call_id: str) -> ResponseReturnValue:
        return shown(desk.call(call_id))

    @pages.post("/calls/<call_id>/flag")
    def flag(call_id: str) -> ResponseReturnValue:
        desk.call(call_id)
        on = request.form.get("on") == "1"
        desk.shelf.archive.flag(call_id, on)
        desk.log("flagged" if on else "unflagged", call_id)
        return redirect(url_for("calls.call", call_id=call_id))

    @pages.post("/calls/<call_id>/hold")
    def hold(call_id: str) -> ResponseReturnValue:
        desk.call(call_id)
        on = request.form.get("on") == "1"
        why = request.form.get("why", "").replace("\x00", "")[:200]
        who = user()
        desk.shelf.archive.hold(call_id, on, who.name or who.id, why)
        desk.log("held" if on else "released", call_id, why=why)
        return redirect(url_for("calls.call", call_id=call_id))

    @pages.post("/calls/<call_id>/note")
    def note(call_id: str) -> ResponseReturnValue:
        text = request.form.get("note")
        if text is None:
            abort(400)
        found = desk.call(call_id)
        text = text.replace("\r\n", "\n").replace("\x00", "")
        if len(text) > LONGEST_NOTE:
            flash(
                _(
                    "A note may have %(most)s characters; this one has %(num)s.",
                    most=LONGEST_NOTE,
                    num=len(text),
                )
            )
            return shown({**found, "note": text}), 400
        desk.shelf.archive.note(call_id, text)
        desk.log("noted", call_id)
        flash(_("The note is saved."))
        return redirect(url_for("calls.call", call_id=call_id))

    return pages
