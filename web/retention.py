"""Storage: what the media still hold, how long audio is kept, and what would go before it goes."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as later
from flask_babel import ngettext

from firmware.archive.errors import ArchiveError
from firmware.archive.retention import AGE, CALLS, UNSURE, Going, Rules, plan
from firmware.archive.space import days_left
from firmware.archive.volume import HOME, Volume, Volumes
from firmware.config import ConfigError, RetentionConfig
from web.auth import View, proved
from web.desk import Desk

LISTED = 200  # an owner reads no more; the sizes of all would take a small box minutes
PER_HOUR = 30e6  # bytes of FLAC, roughly, for telling how many hours fit
NAMES = tuple(one.name for one in fields(RetentionConfig))
KEPT = {
    "it is flagged": later("it is flagged"),
    "it is held": later("it is held"),
    "it is unfinished": later("it is unfinished"),
    "it is damaged": later("it is damaged"),
    UNSURE: later("its date is not sure"),
}


class Odd(Exception):
    """What was typed is no number that the rules take; the message says so."""


@dataclass(frozen=True, slots=True)
class Medium:
    """A medium as the page shows it: bytes; `days`: until it is full at the present rate."""

    name: str
    total: int
    free: int
    days: float | None

    @property
    def hours(self) -> int:
        return int(self.free / PER_HOUR)


def media(desk: Desk, volumes: Volumes) -> list[Medium]:
    """The media that are here; one that cannot be read has no bytes at all."""
    return [_medium(desk, one) for one in volumes.here()]


def _medium(desk: Desk, volume: Volume) -> Medium:
    name = _("The box's own medium") if volume.id == HOME else volume.name
    try:
        free, total = volume.free(), shutil.disk_usage(volume.root).total
        return Medium(name, total, free, days_left(desk.shelf.archive, volume.id, free))
    except (ArchiveError, OSError):
        return Medium(name, 0, 0, None)


def why(going: Going, rules: Rules) -> str:
    """By which rule it goes."""
    if going.rule == AGE:
        days = rules.days_of(str(going.call.get("direction") or ""))
        return ngettext("older than %(num)s day", "older than %(num)s days", days)
    if going.rule == CALLS:
        return ngettext("more than %(num)s call", "more than %(num)s calls", rules.calls)
    return _("less than %(mb)s MB are free", mb=rules.free_mb)


def typed(form: Mapping[str, str]) -> dict[str, int]:
    """The rules of a form; an empty field is 0. Raises Odd."""
    found = {}
    for name in NAMES:
        text = form.get(name, "").strip() or "0"
        if not text.isascii() or not text.isdecimal() or len(text) > 9:
            raise Odd(_("Only whole numbers, please; 0 means: not by this rule."))
        found[name] = int(text)
    return found


@dataclass(frozen=True, slots=True)
class Plan:
    """What would go and what stays all the same, oldest first; `more`: that is not all of it."""

    going: list[tuple[dict[str, Any], Going]]
    kept: list[tuple[dict[str, Any], Going]]
    more: bool

    @property
    def bytes(self) -> int:
        return sum(one.bytes for _call, one in self.going)


def known(desk: Desk) -> tuple[Volumes, list[str]]:
    """The media that the recorder has found and are here, and the names of those that are not."""
    reserve = desk.configured.now()[0].archive.reserve_mb * 2**20
    volumes = Volumes(Path(desk.root), reserve=reserve)
    return volumes, volumes.take_known()


def rules_of(values: Mapping[str, int]) -> Rules:
    """The rules among the values of the section."""
    return Rules(**{one.name: values[one.name] for one in fields(Rules)})


def dry_run(desk: Desk, rules: Rules) -> Plan:
    """What would go by these rules now; nothing is changed. Raises ArchiveError."""
    going, kept, more = [], [], False
    volumes, _away = known(desk)
    for one in plan(desk.shelf.archive, volumes, rules, datetime.now(UTC)):
        (kept if one.kept else going).append((desk.named([one.call])[0], one))
        if len(going) > LISTED or len(kept) > LISTED:
            more = True
            break
    return Plan(going[:LISTED], kept[:LISTED], more)


def blueprint(desk: Desk, limited: Callable[[View], View]) -> Blueprint:
    """Look, see what would go, and only then let the rules hold."""
    pages = Blueprint("retention", __name__, url_prefix="/storage")

    @pages.get("")
    def index(asked: Mapping[str, Any] | None = None) -> ResponseReturnValue:
        config, wrong = desk.configured.now()
        volumes, away = known(desk)
        held = {name: getattr(config.retention, name) for name in NAMES}
        return render_template(
            "storage.html",
            media=media(desk, volumes),
            away=away,
            rules=asked or held,
            wrong=wrong,
        )

    def planned(values: dict[str, int], code: int = 200) -> ResponseReturnValue:
        rules = rules_of(values)
        found = dry_run(desk, rules)
        page = render_template(
            "storage_plan.html",
            going=[(call, why(one, rules), one.bytes) for call, one in found.going],
            kept=[(call, str(KEPT.get(one.kept, one.kept))) for call, one in found.kept],
            more=found.more,
            bytes=found.bytes,
            rules=values,
            never=not any(getattr(rules, one.name) for one in fields(Rules)),
            known=proved(desk.users),
        )
        return page, code

    @pages.get("/plan")
    def see() -> ResponseReturnValue:
        try:
            return planned(typed(request.args))
        except Odd as error:
            flash(str(error))
            return index(request.args), 400

    @pages.post("")
    @limited
    def save() -> ResponseReturnValue:
        try:
            values = typed(request.form)
            if not proved(desk.users, request.form.get("password")):
                flash(_("That is not the password. Nothing was changed."))
                return planned(values, 403)
            at_once = desk.configured.choose("retention", values)
        except Odd as error:
            flash(str(error))
            return index(request.form), 400
        except ConfigError:
            flash(_("One of the numbers is too large. Nothing was changed."))
            return index(request.form), 400
        desk.log("retention changed", rules=values)
        if at_once:
            flash(_("The rules hold now. What goes by them goes in the next minutes."))
        else:
            flash(_("The rules are kept. The recorder does not answer; they hold when it runs."))
        return redirect(url_for("retention.index"))

    return pages
