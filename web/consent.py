"""Recording and consent: who uses the telephone and where, what the box does then and by which
law, and the announcement.

Nothing here makes a recording lawful, and the page says so.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import replace
from pathlib import Path
from typing import Any

from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as later

from firmware.calls.consent import Must, Rule, Start
from firmware.choices import OWN_SOUND
from firmware.config import ConfigError
from firmware.law import load_rules
from web.desk import Desk
from web.language import country_words

USES = {"home": later("A household"), "business": later("An office or a business")}
SIDES = {
    "rule": later("As the rule of the place says"),
    "none": later("None"),
    "incoming": later("Calls that come in"),
    "outgoing": later("Calls that go out"),
    "both": later("All calls"),
}
SOUNDS = {"pl": later("In Polish"), "en": later("In English"), "own": later("Your own recording")}
MUST = {
    Must.ONE: later("Whoever takes part in a call may record it."),
    Must.ALL: later("Everybody who takes part must know of the recording or agree to it."),
}
START = {
    Start.RECORD: later("The box records every call and plays nothing."),
    Start.ANNOUNCE: later("The box records every call and plays an announcement at its beginning."),
    Start.WAIT: later("The box records nothing before you have set up the announcement below."),
}
ANNOUNCES = later(
    "Once it is set up, the box plays the announcement at the beginning of each call."
)
UNUSABLE = {
    "no-sound-file": later("this is no sound file that can be played. Save it as a WAV (PCM)."),
    "length": later("an announcement takes 0.3 to 20 seconds."),
    "damaged": later("it is damaged and cannot be played."),
    "silent": later("it is silent."),
}
KEYS = ("place", "use", "announce", "beep", "announcement")
LARGEST = 1024 * 1024


def place_words(rule: Rule) -> str:
    """The place in the page's language; states of the US by their own names."""
    return rule.name if "-" in rule.place else country_words(rule.place)


def default_of(rule: Rule, use: str) -> Start:
    """What the box does where nothing else was chosen; the stricter of the place and of offices."""
    start = rule.business_start if use == "business" else rule.start
    return rule.start if start is Start.RECORD else start


def follows(rule: Rule, use: str, armed: bool) -> list[str]:
    """What the choice means, in sentences."""
    said = [str(MUST[rule.must])]
    if rule.start is Start.WAIT and not armed:
        return [*said, str(START[Start.WAIT]), str(ANNOUNCES)]
    start = default_of(rule, use)
    return [*said, str(ANNOUNCES if start is Start.WAIT else START[start])]


def settled(desk: Desk, country: str, used_by: str) -> None:
    """The settings were changed: the rule of the place, and of those who use the telephone, too."""
    before = desk.settings.get()
    wanted = {}
    if country != before.country and country in load_rules():
        wanted["place"] = country
    if used_by and used_by != before.phone_used_by:
        wanted["use"] = "business" if used_by == "office" else "home"
    if wanted:
        desk.configured.choose("consent", wanted)


def refusal(path: Path) -> str:
    """Why a sound cannot be the announcement; empty where it can."""
    from firmware.audio.announce import AnnouncementUnusable, own_announcement

    try:
        own_announcement(path, 8000)
    except AnnouncementUnusable as error:
        return str(UNUSABLE.get(error.code, str(error)))
    return ""


def keep_own_sound(data: bytes) -> str:
    """Keep the owner's own announcement; why it cannot be one, else ""."""
    path = own_sound().with_name(f"announcement.{secrets.token_hex(4)}.wav")
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        if why := refusal(path):
            return why
        path.replace(own_sound())
        return ""
    finally:
        path.unlink(missing_ok=True)


def use_own_sound(desk: Desk) -> None:
    """Play it from the next call on."""
    desk.configured.choose("consent", {"announcement": "own"})
    desk.log("announcement changed")


def own_sound() -> Path:
    """Where the owner's own announcement lies, or will."""
    return Path(current_app.config["STATE_DIR"]) / OWN_SOUND


def held(desk: Desk) -> dict[str, Any]:
    """What holds now."""
    consent = desk.configured.now()[0].consent
    found = {key: getattr(consent, key) for key in (*KEYS, "armed")}
    return found if found["announcement"] in SOUNDS else {**found, "announcement": "own"}


def choose(desk: Desk, wanted: dict[str, Any]) -> bool:
    """Let it hold from the next call on, and the settings know the country and who uses the
    telephone, too; whether the recorder answered. A confirmation counts only where one is asked
    for. Raises ConfigError.
    """
    rule = load_rules()[wanted["place"]]
    armed = wanted["armed"] == "yes" and rule.start is Start.WAIT
    at_once = desk.configured.choose("consent", {**wanted, "armed": "yes" if armed else "no"})
    used_by = "office" if wanted["use"] == "business" else "home"
    settings = replace(desk.settings.get(), phone_used_by=used_by, country=rule.place[:2])
    desk.settings.put(settings)
    desk.log("consent changed")
    return at_once


def blueprint(desk: Desk) -> Blueprint:
    """One page, its two forms, and the owner's own announcement to listen to."""
    pages = Blueprint("consent", __name__, url_prefix="/consent")

    def shown(chosen: dict[str, Any], code: int = 200) -> ResponseReturnValue:
        rules = load_rules()
        now, wrong = desk.configured.now()
        rule = rules.get(chosen["place"]) or rules[now.consent.place]
        places = [(one.place, place_words(one)) for one in rules.values()]
        places.sort(key=lambda pair: ("-" in pair[0], pair[1]))
        page = render_template(
            "consent.html",
            chosen=chosen,
            rule=rule,
            waits=rule.start is Start.WAIT,
            follows=follows(rule, chosen["use"], chosen["armed"] == "yes"),
            statute=rule.business_statute if chosen["use"] == "business" else rule.statute,
            places=places,
            uses=USES,
            sides=SIDES,
            sounds={
                name: said for name, said in SOUNDS.items() if name != "own" or own_sound().exists()
            },
            has_own=own_sound().exists(),
            playout=now.consent.playout,
            wrong=wrong,
        )
        return page, code

    @pages.get("")
    def index() -> ResponseReturnValue:
        return shown(held(desk))

    @pages.post("")
    def save() -> ResponseReturnValue:
        before = held(desk)
        sent = {key: request.form.get(key, before[key]) for key in KEYS}
        rule = load_rules().get(sent["place"])
        if rule is None or sent["use"] not in USES:
            abort(400)
        armed = request.form.get("armed") == "yes" and rule.start is Start.WAIT
        wanted = {**sent, "armed": "yes" if armed else "no"}
        if request.form.get("do") == "look":
            return shown(wanted)
        if wanted["announcement"] == "own" and not own_sound().exists():
            flash(_("Send your own announcement first."))
            return shown(wanted, 400)
        try:
            at_once = choose(desk, wanted)
        except ConfigError:
            flash(_("Nothing was done."))
            return shown(before, 400)
        flash(
            _("Saved. It holds from the next call on.")
            if at_once
            else _("Saved. The recorder does not answer; it holds from its next start on.")
        )
        return redirect(url_for("consent.index"))

    @pages.post("/announcement")
    def upload() -> ResponseReturnValue:
        file = request.files.get("sound")
        data = file.read(LARGEST + 1) if file else b""
        if not file or not data:
            flash(_("Choose a file first."))
            return shown(held(desk), 400)
        if len(data) > LARGEST:
            flash(_("That file is too large: an announcement may have 1 MB. Save it as mono."))
            return shown(held(desk), 413)
        if why := keep_own_sound(data):
            flash(_("It was not taken: %(why)s", why=why))
            return shown(held(desk), 400)
        use_own_sound(desk)
        flash(_("Your announcement is saved and is played from the next call on. Listen to it."))
        return redirect(url_for("consent.index"))

    @pages.get("/announcement.wav")
    def listen() -> ResponseReturnValue:
        if not own_sound().exists():
            abort(404)
        return send_file(own_sound(), mimetype="audio/wav", max_age=0)

    return pages
