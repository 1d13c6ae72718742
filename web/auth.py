"""Who may hear calls: one password, set by whoever can prove that the box is theirs."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import threading
import time
from collections.abc import Callable
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import (
    Blueprint,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue

from firmware.archive.files import sync_folder
from web.recorder import recorder_state

CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that are mistaken for each other
CODE_LENGTH = 8
SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 1000
PRESS_COUNTS_S = 60.0


def write_secret(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}.tmp")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


def secret_key(state_dir: Path) -> str:
    """The key that signs sessions; made at the first start."""
    path = state_dir / "session-key"
    if not path.exists():
        write_secret(path, secrets.token_hex(32))
    return path.read_text("utf-8")


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


class Passwords:
    """The owner's password, kept as an argon2id hash."""

    def __init__(self, state_dir: Path) -> None:
        self._state_dir = state_dir
        self._path = state_dir / "password"
        # RFC 9106's second choice cut to 19 MiB (OWASP): a Pi Zero 2 W has 512 MB in all.
        self._one_at_a_time = threading.Lock()  # 32 threads would take 32 times the memory
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)

    @property
    def is_set(self) -> bool:
        """Whether the first run is over."""
        return self._path.exists()

    def set(self, password: str) -> None:
        """Keep the password; the one-time code is over."""
        with self._one_at_a_time:
            hashed = self._hasher.hash(password)
        write_secret(self._path, hashed)
        (self._state_dir / "setup-code").unlink(missing_ok=True)

    def check(self, password: str) -> bool:
        """Whether it is the password."""
        try:
            with self._one_at_a_time:
                return self._hasher.verify(self._path.read_text("utf-8"), password)
        except (OSError, VerificationError, InvalidHashError):
            return False

    def generation(self) -> str:
        """Changes with the password, so that old sessions end; "" before there is one."""
        try:
            return hashlib.sha256(self._path.read_bytes()).hexdigest()[:32]
        except FileNotFoundError:
            return ""


def logged_in(passwords: Passwords) -> bool:
    """Whether this session knows the present password."""
    generation = passwords.generation()
    said = str(session.get("owner", ""))
    return bool(generation) and hmac.compare_digest(said.encode(), generation.encode())


def _wrong_with(password: str, again: str) -> str | None:
    if len(password) < SHORTEST_PASSWORD:
        return (
            f"The password needs at least {SHORTEST_PASSWORD} characters; it had {len(password)}."
        )
    if len(password) > LONGEST_PASSWORD:
        return f"The password may have {LONGEST_PASSWORD} characters at most."
    if password != again:
        return "The two passwords differ. Type the same one twice."
    return None


def _pressed_since(asked: float) -> bool:
    """Whether the flag button was pressed after the page asked for it, within a minute."""
    state = recorder_state()
    ago = state.get("flag_pressed_ago_s") if state else None
    return ago is not None and ago <= PRESS_COUNTS_S and time.time() - ago >= asked


View = Callable[[], ResponseReturnValue]


def blueprint(passwords: Passwords, limited: Callable[[View], View]) -> Blueprint:
    """Set-up, login and logout; `limited` slows down what could be guessed at."""
    pages = Blueprint("auth", __name__)

    @pages.get("/setup")
    def setup() -> ResponseReturnValue:
        if passwords.is_set:
            return redirect(url_for("auth.login"))
        if not float(session.get("asked", 0)) <= time.time():
            session.pop("asked")  # the clock was set back since
        session.setdefault("asked", time.time())
        return render_template("setup.html", shortest=SHORTEST_PASSWORD)

    @pages.post("/setup")
    @limited
    def set_up() -> ResponseReturnValue:
        if passwords.is_set:
            return redirect(url_for("auth.login"))
        state_dir = Path(current_app.config["STATE_DIR"])
        password = request.form.get("password", "")
        wrong = _wrong_with(password, request.form.get("again", ""))
        proved = SetupCode.matches(state_dir, request.form.get("code", ""))
        if not proved and not _pressed_since(float(session.get("asked", time.time()))):
            wrong = (
                "That is not the code, and the flag button was not pressed in the last minute."
                " The code stands in the recorder's output at its start."
            )
        if wrong:
            flash(wrong)
            return render_template("setup.html", shortest=SHORTEST_PASSWORD), 400
        passwords.set(password)
        _enter()
        return redirect(url_for("calls.index"))

    @pages.get("/login")
    def login() -> ResponseReturnValue:
        if not passwords.is_set:
            return redirect(url_for("auth.setup"))
        return render_template("login.html")

    @pages.post("/login")
    @limited
    def log_in() -> ResponseReturnValue:
        if not passwords.check(request.form.get("password", "")[:LONGEST_PASSWORD]):
            flash("That is not the password.")
            return render_template("login.html"), 403
        _enter()
        return redirect(url_for("calls.index"))

    @pages.post("/logout")
    def logout() -> ResponseReturnValue:
        session.clear()
        return redirect(url_for("auth.login"))

    def _enter() -> None:
        session.clear()
        session["owner"] = passwords.generation()
        session.permanent = True

    return pages
