"""The page: a Flask application over the archive; it talks to the recorder by the socket only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFProtect

from web import auth, calls, facts, guard, live, words
from web.shelf import Shelf

LARGEST_REQUEST = 64 * 1024
TRIES = "5 per minute"


def create_app(
    archive_root: Path,
    control_path: Path,
    state_dir: Path,
    *,
    trusted_hosts: Iterable[str] = (),
) -> Flask:
    """`trusted_hosts`: names of the box beyond those that `guard.own_name` knows by itself."""
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=auth.secret_key(state_dir),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        WTF_CSRF_TIME_LIMIT=None,
        CONTROL=str(control_path),
        STATE_DIR=str(state_dir),
    )
    CSRFProtect(app)
    limiter = Limiter(get_remote_address, app=app, storage_uri="memory://")
    passwords = auth.Passwords(state_dir)
    guard.install(app, passwords, frozenset(name.lower() for name in trusted_hosts))
    app.register_blueprint(auth.blueprint(passwords, limiter.limit(TRIES)))
    app.register_blueprint(calls.blueprint(Shelf(archive_root), state_dir / "mp3"))
    app.register_blueprint(live.blueprint())
    app.jinja_env.filters["plain"] = words.plain
    app.jinja_env.globals.update(
        who=words.who,
        outcome=words.outcome,
        clock=words.clock,
        local_time=words.local_time,
        why_silent=words.why_silent,
        state_words=words.state_words,
        facts=facts.facts,
        gaps=facts.gaps,
        marks=facts.marks,
    )

    @app.get("/healthz", endpoint="health")
    def health() -> str:
        return "ok\n"

    return app
