"""Set-up, login and logout: the first password is set by whoever can prove the box is his."""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable
from pathlib import Path

from flask import (
    Blueprint,
    current_app,
    flash,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from web.language import LANGUAGES
from web.private_files import write_secret
from web.recorder import recorder_state
from web.users import LONGEST_PASSWORD, SHORTEST_PASSWORD, User, Users

CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that are mistaken for each other
CODE_LENGTH = 8
PRESS_COUNTS_S = 60.0
PROOF_LASTS_S = 300.0


class SetupCode:
    """The one-time code of the first run: whoever can read the box's own output has it."""

    @staticmethod
    def ensure(state_dir: Path) -> str | None:
        """The code, made if there is none; None once a password is set."""
        if (state_dir / "password").exists():
            return None
        path = state_dir / "setup-code"
        if not path.exists():
            write_secret(path, "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH)))
        return path.read_text("utf-8")

    @staticmethod
    def matches(state_dir: Path, said: str) -> bool:
        """Whether `said` is the code; case and spaces do not matter."""
        code = SetupCode.ensure(state_dir)
        cleaned = "".join(said.split()).replace("-", "").upper()
        return code is not None and hmac.compare_digest(code.encode(), cleaned.encode())


def user() -> User:
    """Who asks. Only behind the guard, where somebody is logged in."""
    found: User = g.user
    return found


def wrong_with(password: str, again: str, shortest: int = SHORTEST_PASSWORD) -> str | None:
    """Why a new password will not do; None where it will."""
    if len(password) < shortest:
        return ngettext(
            "It needs at least %(least)s characters; it had %(num)s.",
            "It needs at least %(least)s characters; it had %(num)s.",
            len(password),
            least=shortest,
        )
    if len(password) > LONGEST_PASSWORD:
        return _("The password may have %(most)s characters at most.", most=LONGEST_PASSWORD)
    if password != again:
        return _("The two passwords differ. Type the same one twice.")
    return None


def proved(users: Users, password: str | None = None) -> bool:
    """Whether the password was typed in the last minutes; typing it now counts."""
    if password and users.check_user(user(), password[:LONGEST_PASSWORD]):
        session["proved"] = time.time()
    return 0 <= time.time() - float(session.get("proved", 0)) < PROOF_LASTS_S


def _pressed_since(asked: float) -> bool:
    """Whether the flag button was pressed after the page asked for it, within a minute."""
    state = recorder_state()
    ago = state.get("flag_pressed_ago_s") if state else None
    return ago is not None and ago <= PRESS_COUNTS_S and time.time() - ago >= asked


View = Callable[[], ResponseReturnValue]


def blueprint(users: Users, limited: Callable[[View], View]) -> Blueprint:
    """Set-up, login and logout; `limited` slows down what could be guessed at."""
    pages = Blueprint("auth", __name__)

    @pages.get("/setup")
    def setup() -> ResponseReturnValue:
        if users.is_set:
            return redirect(url_for("auth.login"))
        if not float(session.get("asked", 0)) <= time.time():
            session.pop("asked")  # the clock was set back since
        session.setdefault("asked", time.time())
        return render_template("setup.html", shortest=SHORTEST_PASSWORD)

    @pages.post("/setup")
    @limited
    def set_up() -> ResponseReturnValue:
        if users.is_set:
            return redirect(url_for("auth.login"))
        state_dir = Path(current_app.config["STATE_DIR"])
        password = request.form.get("password", "")
        wrong = wrong_with(password, request.form.get("again", ""))
        by_code = SetupCode.matches(state_dir, request.form.get("code", ""))
        if not by_code and not _pressed_since(float(session.get("asked", time.time()))):
            wrong = _(
                "That is not the code, and the flag button was not pressed in the last minute."
                " The code stands in the recorder's output at its start."
            )
        if wrong:
            flash(wrong)
            return render_template("setup.html", shortest=SHORTEST_PASSWORD), 400
        _enter(users.set_owner(password))
        return redirect(url_for("start.index"))

    @pages.get("/login")
    def login() -> ResponseReturnValue:
        if not users.is_set:
            return redirect(url_for("auth.setup"))
        return render_template("login.html", named=bool(users.others()))

    @pages.post("/login")
    @limited
    def log_in() -> ResponseReturnValue:
        password = request.form.get("password", "")[:LONGEST_PASSWORD]
        found = users.check(request.form.get("name", "")[:100], password)
        if found is None:
            flash(_("That is not the password."))
            return render_template("login.html", named=bool(users.others())), 403
        _enter(found)
        return redirect(url_for("calls.index"))

    @pages.post("/logout")
    def logout() -> ResponseReturnValue:
        session.clear()
        return redirect(url_for("auth.login"))

    @pages.post("/language")
    def language() -> ResponseReturnValue:
        chosen = request.form.get("language", "")
        session["language"] = chosen if chosen in LANGUAGES else ""
        return redirect(url_for("calls.index" if users.is_set else "auth.setup"))

    def _enter(found: User) -> None:
        language = session.get("language", "")
        session.clear()
        session.update(user=found.id, proof=found.proof, language=language)
        session.permanent = True

    return pages
