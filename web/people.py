"""Contacts: names for numbers, rules, and vCards in and out."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as later
from flask_babel import ngettext

from firmware.archive.people import RULES, People, Person
from web.auth import View, proved
from web.desk import Desk
from web.recorder import ask
from web.words import plain

RULE_WORDS = {
    "record": later("Recorded as all calls are"),
    "never": later("Never recorded"),
    "hold": later("Recorded and always held"),
}
LONGEST = 100
MOST_NUMBERS = 10
MOST_CARDS = 5000


def person_of(form: dict[str, str], person_id: str = "") -> Person | str:
    """The person a form describes, or what is wrong with it."""
    name = plain(form.get("name", "")).strip()[:LONGEST]
    lines = form.get("numbers", "").replace(",", "\n").split("\n")
    numbers = [plain(line).strip()[:40] for line in lines if line.strip()]
    if not name:
        return _("A person needs a name.")
    if len(numbers) > MOST_NUMBERS:
        return _("A person may have %(most)s numbers at most.", most=MOST_NUMBERS)
    if any(not any(one.isdigit() for one in number) for number in numbers):
        return _("A number must have a digit in it.")
    rule = form.get("rule", "record")
    if rule not in RULES:
        return _("Nothing was done.")
    note = plain(form.get("note", "")).strip()[:500]
    return Person(person_id, name, tuple(numbers), rule, note)


def from_vcards(text: str) -> list[Person]:
    """The people of a vCard file. Raises ValueError where it is none."""
    import vobject

    found = []
    try:
        for card in vobject.readComponents(text, ignoreUnreadable=True):
            name = plain(getattr(getattr(card, "fn", None), "value", "")).strip()[:LONGEST]
            numbers = [plain(one.value).strip()[:40] for one in card.contents.get("tel", [])]
            numbers = [one.removeprefix("tel:") for one in numbers if any(map(str.isdigit, one))]
            if name and numbers:
                found.append(Person("", name, tuple(numbers[:MOST_NUMBERS])))
            if len(found) >= MOST_CARDS:
                break
    except Exception as error:  # vobject raises what it likes on hostile files
        raise ValueError(str(error)) from error
    return found


def take_cards(people: People, data: bytes) -> tuple[int, int]:
    """Add the people of a vCard file who are not there yet: how many it has, how many were added.

    Whoever has one of the numbers already is left alone.
    """
    try:
        found = from_vcards(data.decode("utf-8-sig", "replace"))
    except ValueError:
        found = []
    fresh = [one for one in found if not any(people.of(number) for number in one.numbers)]
    if fresh:
        people.put_all(fresh)
    return len(found), len(fresh)


def vcards(people: People) -> str:
    """Everyone as vCards (RFC 2426, version 3.0)."""
    import vobject

    cards = []
    for person in people.all():
        card = vobject.vCard()
        card.add("fn").value = person.name
        card.add("n").value = vobject.vcard.Name(family=person.name)
        for number in person.numbers:
            card.add("tel").value = number
        cards.append(card.serialize())
    return "".join(cards)


def blueprint(desk: Desk, limited: Callable[[View], View]) -> Blueprint:
    """The list, the form, import, and export, for which the password is asked once more."""
    pages = Blueprint("people", __name__, url_prefix="/people")
    people = desk.people

    def shown(code: int = 200) -> ResponseReturnValue:
        known = proved(desk.users)
        page = render_template("people.html", people=people.all(), rules=RULE_WORDS, known=known)
        return page, code

    @pages.get("")
    def index() -> ResponseReturnValue:
        return shown()

    def form(person: Person, said: str = "", code: int = 200) -> ResponseReturnValue:
        if said:
            flash(said)
        return render_template("person.html", person=person, rules=RULE_WORDS), code

    @pages.get("/new")
    def new() -> ResponseReturnValue:
        number, name = (plain(request.args.get(key, ""))[:LONGEST] for key in ("number", "name"))
        return form(Person("", name, (number,) if number else ()))

    @pages.get("/<person_id>")
    def edit(person_id: str) -> ResponseReturnValue:
        person = people.get(person_id)
        return form(person) if person else _gone()

    @pages.post("/save")
    def save() -> ResponseReturnValue:
        person_id = request.form.get("id", "")
        if person_id and people.get(person_id) is None:
            return _gone()
        made = person_of(request.form.to_dict(), person_id)
        if isinstance(made, str):
            typed = request.form.get("numbers", "").splitlines()
            tried = Person(person_id, request.form.get("name", "")[:LONGEST], tuple(typed))
            return form(tried, made, 400)
        people.put(made)
        ask({"do": "settings"})  # its rule holds for the next call
        flash(_("%(name)s is saved.", name=made.name))
        return redirect(url_for("people.index"))

    @pages.post("/remove")
    def remove() -> ResponseReturnValue:
        person = people.get(request.form.get("id", ""))
        if person is None:
            return _gone()
        people.remove(person.id)
        ask({"do": "settings"})
        flash(_("%(name)s is no contact any more; the calls stay.", name=person.name))
        return redirect(url_for("people.index"))

    @pages.post("/import")
    def take() -> ResponseReturnValue:
        file = request.files.get("cards")
        found, fresh = take_cards(people, file.read() if file else b"")
        if not found:
            flash(_("No person with a number was found in that file. Is it a vCard (.vcf)?"))
        else:
            flash(
                ngettext(
                    "%(num)s person was added; those who were there already were left alone.",
                    "%(num)s people were added; those who were there already were left alone.",
                    fresh,
                )
            )
        return redirect(url_for("people.index"))

    @pages.post("/export.vcf")
    @limited
    def export() -> ResponseReturnValue:
        if not proved(desk.users, request.form.get("password")):
            flash(_("That is not the password."))
            return shown(403)
        desk.log("exported contacts")
        answer = Response(vcards(people), mimetype="text/vcard")
        answer.headers["Content-Disposition"] = "attachment; filename=tipring.vcf"
        return answer

    def _gone() -> ResponseReturnValue:
        flash(_("That person is not in the contacts any more."))
        return redirect(url_for("people.index"))

    return pages
