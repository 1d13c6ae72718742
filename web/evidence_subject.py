"""Everything about one number, handed out in one step; or erased, with proof that it was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as later

from firmware.archive.errors import ArchiveError, CallProtected
from firmware.archive.people import Person
from firmware.archive.search import caller_of
from web.auth import View, proved, user
from web.desk import Desk
from web.evidence_bundles import TROUBLES, start_bundle
from web.evidence_stop import calls_with
from web.evidence_works import Tell, TooMuch, Work
from web.words import plain

if TYPE_CHECKING:
    from firmware.evidence.bundle.exhibit import Case

TYPED = later("ERASE")  # what a person types before calls are erased


def number_of(text: str) -> str:
    """A number that a person typed; "" where there is no digit in it."""
    said = plain(text).strip()[:40]
    return said if any(one.isdigit() for one in said) else ""


def kept(call: dict[str, Any]) -> bool:
    """Whether the call stays whatever is wished: its flag or hold has to go first."""
    return bool(call.get("flagged") or call.get("held"))


def start_subject(desk: Desk, number: str) -> Work | None:
    """Begin to gather everything about a number; None where there is no call of it."""
    calls = list(calls_with(desk, number))
    if not calls:
        return None
    ids = [one["id"] for one in reversed(calls)]
    return start_bundle(desk, ids, _case(number, desk.people.of(number)), "subject")


def _case(number: str, person: Person | None) -> Case:
    from firmware.evidence.bundle.exhibit import Case

    notes = []
    if person is not None:
        known = [person.name, ", ".join(person.numbers), person.rule, person.note]
        notes.append(f"Kontakt / contact: {'; '.join(filter(None, known))}")
    return Case(f"Dane o numerze / data about the number {number}", notes)


def start_erasure(desk: Desk, number: str, with_contact: bool) -> Work:
    """Begin to erase every call of a number that is neither flagged nor held. Raises TooMuch."""
    ids = [one["id"] for one in calls_with(desk, number) if not kept(one)]
    by, state = user().name or user().id, Path(current_app.config["STATE_DIR"])
    person = desk.people.of(number) if with_contact else None

    def erase(work: Work, _path: Path, tell: Tell) -> None:
        _erase(desk, work, ids, by, state, tell)
        if person is not None:
            desk.people.remove(person.id)

    return desk.works.start("erasure", user().id, "", erase)


def _erase(desk: Desk, work: Work, ids: list[str], by: str, state: Path, tell: Tell) -> None:
    from firmware.evidence.shelf import eraser

    erasure, left = eraser(desk.witness.evidence(), state), []
    for place, call_id in enumerate(ids):
        tell("erasing", place / len(ids))
        try:
            if kept(desk.shelf.archive.get(call_id)):
                raise CallProtected(call_id)  # it was flagged or held meanwhile
            erasure.erase(call_id, by="subject", why="wish")
        except ArchiveError as error:
            left.append(str(error))
            continue
        desk.waves.forget(call_id)
        desk.access.entry("erased", by, call_id)
        work.count += 1
    work.why = " ".join(left[:3])


def blueprint(desk: Desk, limited: Callable[[View], View]) -> Blueprint:
    """Ask for a number, see what there is, hand it out or erase it."""
    pages = Blueprint("subject", __name__, url_prefix="/subject")

    def shown(number: str, code: int = 200) -> ResponseReturnValue:
        calls = list(calls_with(desk, number)) if number else []
        page = render_template(
            "subject.html",
            number=number,
            total=len(calls),
            audio=sum(1 for one in calls if one.get("audio")),
            first=calls[-1] if calls else None,
            last=calls[0] if calls else None,
            person=desk.people.of(number) if number else None,
            known=proved(desk.users),
        )
        return page, code

    @pages.get("")
    def index() -> ResponseReturnValue:
        return shown(number_of(request.args.get("number", "")))

    @pages.post("/export")
    @limited
    def export() -> ResponseReturnValue:
        number = number_of(request.form.get("number", ""))
        if not proved(desk.users, request.form.get("password")):
            flash(_("That is not the password."))
            return shown(number, 403)
        try:
            work = start_subject(desk, number)
        except TooMuch as error:
            flash(str(TROUBLES[str(error)]))
            return shown(number, 409)
        if work is None:
            return redirect(url_for("subject.index", number=number))
        return redirect(url_for("bundles.work", work_id=work.id))

    def confirm(number: str, code: int = 200) -> ResponseReturnValue:
        calls = list(calls_with(desk, number))
        page = render_template(
            "subject_erase.html",
            number=number,
            goes=[one for one in calls if not kept(one)],
            stays=[one for one in calls if kept(one)],
            person=desk.people.of(number),
            known=proved(desk.users),
            typed=str(TYPED),
        )
        return page, code

    @pages.get("/erase")
    def ask_erase() -> ResponseReturnValue:
        number = number_of(request.args.get("number", ""))
        if not caller_of(number):
            return redirect(url_for("subject.index"))
        return confirm(number)

    @pages.post("/erase")
    @limited
    def erase() -> ResponseReturnValue:
        number = number_of(request.form.get("number", ""))
        if not proved(desk.users, request.form.get("password")):
            flash(_("That is not the password. Nothing was deleted."))
            return confirm(number, 403)
        if request.form.get("typed", "").strip().upper() != str(TYPED):
            flash(_("Type the word first. Nothing was deleted."))
            return confirm(number, 400)
        try:
            work = start_erasure(desk, number, request.form.get("contact") == "1")
        except TooMuch as error:
            flash(str(TROUBLES[str(error)]))
            return confirm(number, 409)
        return redirect(url_for("bundles.work", work_id=work.id))

    return pages
