"""Alarms: what stands now and what to do about it, a switch for each kind, and the hook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as later

from firmware.config import ConfigError
from web.desk import Desk
from web.recorder import recorder_state
from web.words import alarm_words, plain

DAYS = "no_calls_days"
SWITCHES = {
    "line_cut": later("The line is cut or unplugged"),
    "off_hook": later("A telephone is off the hook for very long"),
    "silent": later("Nobody is heard in a recording"),
    "one_sided": later("Perhaps only one of two people is heard (a guess)"),
    "clipped": later("A recording is too loud"),
    "gaps": later("Something is missing in a recording"),
    "medium_full": later("A medium is nearly full"),
    "medium_failing": later("A medium fails"),
    "medium_slow": later("A medium is slow"),
    "clock_unsure": later("Nothing has set the clock"),
    "power": later("The box has too low a voltage"),
    "heat": later("The box is too hot"),
    "restarted": later("The recorder was started anew after a fault"),
}
TO_DO = {
    "off-hook-too-long": later("Hang up every telephone of the line."),
    "line-cut": later("Look at the cable from the wall to the box; then ask the operator."),
    "sound-card": later("Switch the box off, seat the line interface anew, and switch it on."),
    "line-pins": later("Switch the box off, seat the line interface anew, and switch it on."),
    "call-keys": later("Put the backup of call-master.key back, and tell who looks after the box."),
    "lamps": later("Look at the line interface when there is time."),
    "archive": later("Look at the medium: is it in, is it full? What waits is stored by itself."),
    "archive-space": later("Free some space, or set on the page Storage how long calls are kept."),
    "medium": later("Take the medium out and put it in again; else use another."),
    "medium-full": later("Set on the page Storage how long calls are kept, or use a larger one."),
    "medium-failing": later("Copy what you need from it soon, and use another."),
    "medium-slow": later("Use a faster medium, marked for endurance."),
    "sound-lost": later(
        "Free some space or plug in a medium; what is missing stands with each call."
    ),
    "under-voltage": later("Use the power supply that is made for the Raspberry Pi."),
    "overheating": later("Let air come to the box; take it from a shelf in the sun."),
    "clock-unsure": later("Connect the box to the network, or give it a battery clock."),
    "no-calls": later("Call your own number and see whether it rings and is listed."),
    "restarted": later("Nothing, if it was once. Else send the journal of tipring-recorder."),
    "recovered": later("Look at the newest calls: what is missing stands with each."),
    "recording-silent": later("Play the call; look at the plug of the line."),
    "recording-one-sided": later("Play the call; if both are heard, all is well."),
    "recording-clipped": later("Lower the gain of the line interface."),
    "recording-frames": later("Look at the call; if it comes again, use another medium."),
    "settings": later("Save the settings once more on their pages."),
}


@dataclass(frozen=True, slots=True)
class Alarm:
    """One that stands: what it means, and what to do; "" where only an expert can say."""

    words: str
    to_do: str


def standing(state: dict[str, Any] | None) -> list[Alarm]:
    """The alarms of the recorder now."""
    found = (state or {}).get("alarms") or {}
    return [Alarm(alarm_words(kind, why), str(TO_DO.get(kind, ""))) for kind, why in found.items()]


def blueprint(desk: Desk) -> Blueprint:
    """What stands, and the switches."""
    pages = Blueprint("alarms", __name__, url_prefix="/alarms")

    @pages.get("")
    def index() -> ResponseReturnValue:
        config, wrong = desk.configured.now()
        return render_template(
            "alarms.html",
            standing=standing(recorder_state()),
            switches=SWITCHES,
            chosen=config.alarms,
            command=plain(config.alarms.command),
            wrong=wrong,
        )

    @pages.post("")
    def save() -> ResponseReturnValue:
        days = request.form.get(DAYS, "").strip() or "0"
        if not days.isascii() or not days.isdecimal() or len(days) > 4:
            flash(_("The days without a call are a whole number. Nothing was changed."))
            return redirect(url_for("alarms.index"))
        values: dict[str, Any] = {name: request.form.get(name) == "1" for name in SWITCHES}
        values[DAYS] = int(days)
        try:
            at_once = desk.configured.choose("alarms", values)
        except ConfigError:
            flash(_("The days without a call are 0 to 366. Nothing was changed."))
            return redirect(url_for("alarms.index"))
        desk.log("alarms changed", off=[name for name in SWITCHES if not values[name]])
        if at_once:
            flash(_("The alarms are set; the recorder follows them now."))
        else:
            flash(_("The alarms are set. The recorder does not answer; they hold when it runs."))
        return redirect(url_for("alarms.index"))

    return pages
