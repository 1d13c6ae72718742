"""Users and tokens: who may come in, people and programs. Every change wants the password."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as later

from web.auth import View, proved, user, wrong_with
from web.desk import Desk
from web.tokens import SCOPES, Tokens
from web.users import LONGEST_PASSWORD, OWNER, SHORTEST_PASSWORD, SHORTEST_PIN, User
from web.words import plain

ROLES = {
    "listener": later("Listener: sees, hears, flags and notes"),
    "auditor": later("Auditor: sees the calls and the log, hears nothing"),
}
SCOPE_WORDS = {
    "read": later("see calls and the line"),
    "hear": later("hear calls"),
    "mark": later("flag, hold and note"),
    "people": later("contacts"),
    "control": later("flag and private while a call runs"),
    "export": later("export and download calls, make bundles"),
    "log": later("the access log, and checks of the signed log"),
    "settings": later("settings, alarms, the announcement, the line wizard"),
    "delete": later("delete recordings, and set how long they are kept"),
    "users": later(
        "users, the password, the sheet with the key, calls that one person keeps to himself, and"
        " tokens that may do no more than this one"
    ),
}
LONGEST_NAME = 60


def claim(desk: Desk, call_id: str, user_id: str) -> None:
    """Let nobody but this user and the owner see the call; "": everybody may again."""
    desk.shelf.archive.claim(call_id, user_id)
    desk.log("claimed" if user_id else "unclaimed", call_id)


def blueprint(desk: Desk, tokens: Tokens, limited: Callable[[View], View]) -> Blueprint:
    """Everything about who may come in."""
    pages = Blueprint("household", __name__)
    users = desk.users

    def people_page(code: int = 200) -> ResponseReturnValue:
        page = render_template(
            "users.html",
            users=users.others(),
            roles=ROLES,
            people=desk.people.all(),
            least=SHORTEST_PIN,
            known=proved(users),
        )
        return page, code

    @pages.get("/users")
    def index() -> ResponseReturnValue:
        return people_page()

    @pages.post("/users")
    @limited
    def save() -> ResponseReturnValue:
        form = request.form
        if not proved(users, form.get("password")):
            flash(_("That is not the password. Nothing was changed."))
            return people_page(403)
        name = plain(form.get("name", "")).strip()[:LONGEST_NAME]
        pin, role = form.get("pin", ""), form.get("role", "")
        wrong = wrong_with(pin, pin, SHORTEST_PIN)
        if not name or role not in ROLES:
            wrong = _("A user needs a name and a role.")
        elif name.casefold() in {one.name.casefold() for one in users.others()}:
            wrong = _("There is a user of that name.")
        if wrong:
            flash(wrong)
            return people_page(400)
        chosen = [desk.people.get(one) for one in form.getlist("person")]
        callers = tuple(caller for one in chosen if one for caller in one.callers)
        users.put(User("", name, role, callers=callers), pin)
        desk.log("users changed", name=name)
        flash(_("%(name)s may come in now.", name=name))
        return redirect(url_for("household.index"))

    @pages.post("/users/remove")
    @limited
    def remove() -> ResponseReturnValue:
        if not proved(users, request.form.get("password")):
            flash(_("That is not the password. Nothing was changed."))
            return people_page(403)
        gone = users.get(request.form.get("id", ""))
        if gone is None or gone.id == OWNER:
            flash(_("Nothing was done."))
            return redirect(url_for("household.index"))
        users.remove(gone.id)
        desk.log("users changed", name=gone.name)
        flash(_("%(name)s is out.", name=gone.name))
        return redirect(url_for("household.index"))

    @pages.get("/password")
    def password() -> ResponseReturnValue:
        return render_template("password.html", least=_least())

    def _least() -> int:
        return SHORTEST_PASSWORD if user().id == OWNER else SHORTEST_PIN

    @pages.post("/password")
    @limited
    def change() -> ResponseReturnValue:
        form, asking = request.form, user()
        new = form.get("new", "")
        wrong = wrong_with(new, form.get("again", ""), _least())
        if not users.check_user(asking, form.get("password", "")[:LONGEST_PASSWORD]):
            wrong = _("That is not the password. Nothing was changed.")
        if wrong:
            flash(wrong)
            return render_template("password.html", least=_least()), 400
        changed = users.set_owner(new) if asking.id == OWNER else users.put(asking, new)
        session["proof"] = changed.proof
        desk.log("users changed", name=asking.name or OWNER)
        flash(_("The password is changed. Everyone who was logged in with the old one is out."))
        return redirect(url_for("calls.index"))

    def tokens_page(secret: str = "", code: int = 200) -> ResponseReturnValue:
        page = render_template(
            "tokens.html",
            tokens=tokens.all(),
            scopes=SCOPE_WORDS,
            secret=secret,
            known=proved(users),
        )
        return page, code

    @pages.get("/tokens")
    def list_tokens() -> ResponseReturnValue:
        return tokens_page()

    @pages.post("/tokens")
    @limited
    def make_token() -> ResponseReturnValue:
        if not proved(users, request.form.get("password")):
            flash(_("That is not the password. Nothing was changed."))
            return tokens_page(code=403)
        name = plain(request.form.get("name", "")).strip()[:LONGEST_NAME]
        scopes = tuple(one for one in SCOPES if one in request.form.getlist("scope"))
        if not name or not scopes:
            flash(_("A token needs a name and something that it may do."))
            return tokens_page(code=400)
        _made, secret = tokens.make(name, scopes)
        desk.log("users changed", token=name)
        return tokens_page(secret)

    @pages.post("/tokens/revoke")
    def revoke() -> ResponseReturnValue:
        tokens.revoke(request.form.get("id", ""))
        desk.log("users changed", token="revoked")
        flash(_("The token is revoked."))
        return redirect(url_for("household.list_tokens"))

    @pages.post("/calls/<call_id>/mine")
    def mine(call_id: str) -> ResponseReturnValue:
        call, asking = desk.call(call_id), user()
        if call.get("only_for") not in (None, "", asking.id) and asking.id != OWNER:
            flash(_("Nothing was done."))
            return redirect(url_for("calls.index"))
        claim(desk, call_id, asking.id if request.form.get("on") == "1" else "")
        return redirect(url_for("calls.call", call_id=call_id))

    return pages
