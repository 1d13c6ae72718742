"""The page: a Flask application over the archive; it talks to the recorder by the socket only."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask, g
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFProtect

from firmware.archive.going import MP3, WAVES
from firmware.archive.people import People
from firmware.archive.vault import Vault
from firmware.archive.waveform import Waveforms, thinned
from web import (
    about,
    alarms,
    api,
    audio,
    auth,
    bulk,
    calls,
    consent,
    consent_words,
    evidence_bundles,
    evidence_cases,
    evidence_pages,
    evidence_stop,
    evidence_subject,
    evidence_words,
    facts,
    guard,
    household,
    language,
    live,
    more,
    people,
    retention,
    rows,
    start,
    troubles,
    wizard,
    words,
)
from web.access import AccessLog
from web.configured import Configured
from web.desk import Desk
from web.evidence_seals import Seals
from web.evidence_works import Works
from web.hub import Hub
from web.line import line_view
from web.prepare import Preparer
from web.private_files import secret_key
from web.recorder import recorder_state
from web.sessions import LastingSessions
from web.settings import Settings
from web.shelf import Shelf
from web.streams import Streams
from web.tokens import Tokens
from web.users import Users
from web.witness import Witness, alarm_of_the_recorder

LARGEST_REQUEST = 2 * 1024 * 1024  # a book of contacts
MOST_FIELDS = 256 * 1024  # more than a piece of an upload, which werkzeug reads 64 kB at a time
TRIES = "5 per minute"
ICONS = ("play", "incoming", "outgoing", "missed", "blind")
STATIC = Path(__file__).parent / "static"


def version_of(folder: Path) -> str:
    """Changes with any file of the folder, so that browsers may keep them for a year."""
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def create_app(
    archive_root: Path,
    control_path: Path,
    state_dir: Path,
    *,
    trusted_hosts: Iterable[str] = (),
    config_path: Path | None = None,
) -> Flask:
    """`trusted_hosts`: names of the box beyond those that `guard.own_name` knows by itself.

    `config_path`: the recorder's configuration file; None: every key has its default.
    """
    app = Flask(__name__, static_url_path=f"/static/{version_of(STATIC)}")
    app.config.update(
        SECRET_KEY=secret_key(state_dir),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(days=365),
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=MOST_FIELDS,
        WTF_CSRF_TIME_LIMIT=None,
        CONTROL=str(control_path),
        STATE_DIR=str(state_dir),
    )
    app.session_interface = LastingSessions()
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    settings = Settings(state_dir / "settings.json")
    language.install(app, lambda: settings.get().language, lambda: settings.get().country)
    csrf = CSRFProtect(app)
    limiter = Limiter(get_remote_address, app=app, storage_uri="memory://")
    users = Users(state_dir)
    tokens = Tokens(state_dir / "tokens.json")
    guard.install(app, users, tokens, frozenset(name.lower() for name in trusted_hosts))
    troubles.install(app)
    configured = Configured(config_path, state_dir)
    # Where the list lies, the box's keys tell: the recorder makes them when it begins to seal.
    vault = Vault(state_dir, memory=control_path.parent)

    def in_the_clear(name: str) -> Callable[[], Path]:
        return lambda: vault.cache_in(state_dir) / name

    uploads = app.config["UPLOADS"] = in_the_clear("uploads")
    app.request_class = evidence_pages.uploads_request(uploads, app.request_class)
    shelf = Shelf(archive_root, vault)
    waves = Waveforms(lambda: vault.cache_in(state_dir) / WAVES)

    def cache() -> Path:
        return vault.cache_in(state_dir) / MP3

    witness = Witness(shelf, state_dir, alarm_of_the_recorder(control_path))
    preparer = Preparer(shelf, waves, cache)
    desk = Desk(
        shelf,
        People(archive_root / "people.json"),
        waves,
        AccessLog(state_dir / "access.jsonl", witness.saw),
        users,
        settings,
        preparer,
        cache,
        archive_root,
        configured,
        witness,
        Seals(shelf, witness, preparer, state_dir / "seals.sqlite"),
        Works(in_the_clear("works")),
    )
    limited = limiter.limit(TRIES)
    streams = Streams(desk, Hub(control_path))
    for made in (
        auth.blueprint(users, limited),
        calls.blueprint(desk),
        audio.blueprint(desk),
        bulk.blueprint(desk, limited),
        live.blueprint(desk, streams),
        people.blueprint(desk, limited),
        more.blueprint(desk, limited),
        household.blueprint(desk, tokens, limited),
        start.blueprint(desk),
        consent.blueprint(desk),
        retention.blueprint(desk, limited),
        alarms.blueprint(desk),
        about.blueprint(desk),
        wizard.blueprint(desk),
        evidence_pages.blueprint(desk, csrf, limited),
        evidence_bundles.blueprint(desk, limited),
        evidence_cases.blueprint(desk, limited),
        evidence_stop.blueprint(desk),
        evidence_subject.blueprint(desk, limited),
        more.log_blueprint(desk),
    ):
        app.register_blueprint(made)
    csrf.exempt(api.install(app, desk, tokens, streams, limited))
    app.jinja_env.filters.update(plain=words.plain, unbroken=words.unbroken)
    app.jinja_env.globals.update(
        who=words.who,
        number_below=words.number_below,
        outcome=words.outcome,
        direction=words.direction,
        clock=words.clock,
        why_silent=words.why_silent,
        warnings=words.warnings,
        facts=facts.facts,
        technical=facts.technical,
        gaps=facts.gaps,
        consent_words=consent_words,
        seal_why=evidence_words.seal_why,
        unix_words=evidence_words.unix_words,
        thinned=thinned,
        icons={name: rows.icon(name) for name in ICONS},
    )

    @app.before_request
    def country() -> None:
        preparer.asked()
        g.country = settings.get().country

    @app.context_processor
    def everywhere() -> dict[str, Any]:
        if g.get("user") is None:
            return {"me": None, "line": None}
        line = line_view(desk, recorder_state())
        return {"me": g.user, "line": line, "box_name": settings.get().box_name}

    @app.get("/healthz", endpoint="health")
    def health() -> str:
        return "ok\n"

    return app
