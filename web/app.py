"""The page: a Flask application over the archive; it talks to the recorder by the socket only."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFProtect

from firmware.archive import Archive
from web import auth, calls, guard, live, words

LARGEST_REQUEST = 64 * 1024
TRIES = "5 per minute"


def create_app(archive_root: Path, control_path: Path, state_dir: Path) -> Flask:
    """Raises ArchiveError where the archive cannot be opened."""
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
    guard.install(app, passwords)
    app.register_blueprint(auth.blueprint(passwords))
    app.register_blueprint(calls.blueprint(Archive(archive_root), state_dir / "mp3"))
    app.register_blueprint(live.blueprint())
    for endpoint in ("auth.log_in", "auth.set_up"):
        app.view_functions[endpoint] = limiter.limit(TRIES)(app.view_functions[endpoint])
    app.jinja_env.globals.update(
        who=words.who,
        outcome=words.outcome,
        clock=words.clock,
        local_time=words.local_time,
        why_silent=words.why_silent,
        state_words=words.state_words,
    )

    @app.get("/healthz", endpoint="health")
    def health() -> str:
        return "ok\n"

    return app
