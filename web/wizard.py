"""The line wizard on the page: each step, what was seen of it, and what to do if nothing is.

The recorder looks at the line and knows the step; this puts it in words. Without scripts the page
is looked at again by a button; with them it follows the line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as later

from firmware.archive.search import Filter
from web.desk import Desk
from web.language import moment_words, phone
from web.recorder import ask
from web.words import WHY_NO_NUMBER, plain

LOOKED_AT = 10
STANDARDS = {
    "bellcore-sdmf": "Bellcore SDMF (GR-30)",
    "bellcore-mdmf": "Bellcore MDMF (GR-30)",
    "etsi-v23": "ETSI V.23 (EN 300 659)",
    "ntt": "NTT (V.23)",
    "dtmf": "DTMF CLIP",
}
TITLES = {
    "idle": later("The line at rest"),
    "lift": later("Lift the handset"),
    "dial": later("Dial"),
    "hangup": later("Hang up"),
    "ring": later("Be called"),
    "play": later("Hear the test call"),
}
DO = {
    "idle": later("Put every handset on its hook. Nothing is to be done for three seconds."),
    "lift": later("Lift the handset of one telephone, listen for the dial tone, dial nothing yet."),
    "dial": later("Dial a number, such as that of your mobile telephone."),
    "hangup": later("Hang up."),
    "ring": later(
        "Call this line from your mobile telephone, from a place where you do not hear yourself."
        " Let it ring twice, answer, say a sentence, let the other side say one, hang up."
    ),
    "play": later("Play the test call back. Do you hear both sides?"),
}
HELP = {
    "idle": later(
        "If this does not end: look at the alarms above. The sound card must give sound."
    ),
    "lift": later(
        "Nothing seen? The telephone must be on the same line as the box. Look at the plugs, try"
        " another telephone, and see in the line monitor whether the level moves when you lift."
    ),
    "dial": later(
        "No digits? Dial slowly, two or three digits at least. If the level on the line monitor"
        " does not move, the box does not hear the line: look at the sound card and its input."
    ),
    "hangup": later(
        "Not noticed? A second telephone may be off the hook. A box without hook detection needs"
        " some seconds of silence."
    ),
    "ring": later(
        "It does not ring here? Look whether the telephone rings. No number? It must be ordered"
        " from the telephone company (CLIP), and the caller must not withhold it."
    ),
    "play": later("Only one side, or too quiet? Set the gain as advised, and be called again."),
}
TROUBLES = {
    "nothing": later("Nothing has been seen yet."),
    "was-lifted": later(
        "It looks as if a handset was off its hook before, and was hung up now. Put it on its hook;"
        " it begins again."
    ),
    "unsure": later(
        "The hook input moved the wrong way round, and there was no dial tone to be sure by. If the"
        " handset was on its hook before and is lifted now, say so below."
    ),
    "no-digits": later("No digits were understood yet. Hang up, lift, and dial once more."),
    "not-answered": later("It rang and was not answered. Call once more, and answer."),
}
INPUTS = {"offhook": later("hook"), "line_ok": later("line present")}
GOES = ("begin", "redo", "skip", "turn", "keep", "cancel", "forget")
SAID = {
    "keep": later("What was learned is kept and used from now on."),
    "cancel": later("The line wizard is left. Nothing was changed."),
    "forget": later("What was learned is forgotten. The settings of the configuration hold."),
}


@dataclass(frozen=True, slots=True)
class Step:
    """`state`: done, now or open; `seen`: what the box saw, in words."""

    name: str
    title: str
    what_to_do: str
    help: str
    state: str
    seen: tuple[str, ...] = ()
    trouble: str = ""


def volts(value: float | None) -> str:
    """A voltage in words."""
    return "–" if value is None else f"{format_decimal(value, '0.0')} V"


def level(value: float | None) -> str:
    """A level in words."""
    return _("not known") if value is None else f"{value:.0f} dBm0"


def _idle(found: dict[str, Any]) -> list[str]:
    said = [_("The idle line is at %(level)s.", level=level(found.get("noise_dbm0")))]
    if found.get("volts") is not None:
        said.append(_("It has %(volts)s.", volts=volts(found["volts"])))
    if not found.get("line"):
        said.append(_("No voltage is seen on it."))
    if found.get("offhook"):
        said.append(_("The hook input says that a handset is lifted: the next step will tell."))
    return said


def _lift(found: dict[str, Any]) -> list[str]:
    if found.get("input"):
        said = [_("The hook input follows the handset.")]
    elif "input" in found:
        said = [_("No hook input follows the handset; calls will be found by voice.")]
    else:
        return []
    if found.get("inverted"):
        said.append(_("It was the wrong way round; that is corrected."))
    if found.get("volts") is not None:
        said.append(_("The line has %(volts)s when lifted.", volts=volts(found["volts"])))
    return said


def _dial(found: dict[str, Any]) -> list[str]:
    digits = plain(found.get("dialled"))
    if not digits:
        return []
    if found.get("how") == "pulses":
        return [_("Dialled %(digits)s, by pulses.", digits=digits)]
    return [_("Dialled %(digits)s, by tones.", digits=digits)]


def _ring(found: dict[str, Any]) -> list[str]:
    if not found:
        return []
    rings = int(found.get("rings") or 0)
    said = [ngettext("It rang %(num)s time.", "It rang %(num)s times.", rings)]
    if found.get("hertz"):
        said[0] += " " + _("Ringing has %(hertz)s Hz.", hertz=f"{found['hertz']:.0f}")
    number = plain(found.get("number"))
    standard = STANDARDS.get(str(found.get("standard")), plain(found.get("standard")))
    if number:
        said.append(_("The number %(number)s came: %(how)s.", number=phone(number), how=standard))
    elif standard:
        why = WHY_NO_NUMBER.get(str(found.get("absent")), "")
        said.append(_("Caller ID came (%(how)s), but %(why)s.", how=standard, why=why))
    if found.get("answered"):
        said.append(
            _(
                "The louder voice is at %(near)s, the quieter at %(far)s.",
                near=level(found.get("near_dbm0")),
                far=level(found.get("far_dbm0")),
            )
        )
    return said


def advice(view: dict[str, Any], found: dict[str, Any]) -> str:
    """What to do about the gain."""
    gain, near = float(view.get("gain_db") or 0.0), found.get("near_dbm0")
    if near is None:
        return _("Nobody was heard in the test call: the box may not hear the line.")
    if found.get("clipped"):
        return _(
            "It is too loud: samples are clipped. Turn the input down by %(db)s dB (alsamixer).",
            db=f"{-gain:.0f}",
        )
    if gain < 0:
        return _("It is loud. Turn the input down by %(db)s dB (alsamixer).", db=f"{-gain:.0f}")
    if gain > 0:
        return _("It is quiet. Turn the input up by %(db)s dB (alsamixer).", db=f"{gain:.0f}")
    return _("The levels are well: leave the gain as it is.")


SEEN = {"idle": _idle, "lift": _lift, "dial": _dial, "ring": _ring}


def steps(view: dict[str, Any]) -> list[Step]:
    """The steps as the page shows them."""
    now, found = view.get("step"), view.get("found") or {}
    names = list(TITLES)
    made = []
    for name in names:
        if name == now:
            state = "now"
        else:
            past = bool(now) and names.index(name) < names.index(str(now))
            state = "done" if past and found.get(name) else "skipped" if past else "open"
        seen = SEEN[name](found[name]) if name in SEEN and found.get(name) else []
        if name == "hangup" and found.get(name):
            seen = [_("Hanging up was seen.")]
        trouble = TROUBLES.get(str(view.get("trouble")), "") if name == now else ""
        made.append(
            Step(
                *(name, str(TITLES[name]), str(DO[name]), str(HELP[name]), state),
                *(tuple(seen), str(trouble)),
            )
        )
    return made


def blueprint(desk: Desk) -> Blueprint:
    """One page, and one form for everything that is said to it."""
    pages = Blueprint("wizard", __name__, url_prefix="/line/wizard")

    def test_call(view: dict[str, Any]) -> dict[str, Any] | None:
        """By the monotonic clock: the first caller ID may have set the other one meanwhile."""
        began = view["found"].get("ring", {}).get("started_monotonic")
        for call in desk.page(Filter(blind=False), LOOKED_AT).calls:
            if call.get("audio") and call.get("started_monotonic") == began:
                return call
        return None

    @pages.get("")
    def index() -> ResponseReturnValue:
        view = ask({"do": "wizard"})
        if not view or "learned" not in view:
            return render_template("wizard.html", view=None), 503
        learned = view["learned"]
        found = view["found"].get("ring", {})
        heard = view["step"] == "play"
        return render_template(
            "wizard.html",
            view=view,
            steps=steps(view) if view["step"] else [],
            learned=learned,
            standard=STANDARDS.get(learned["caller_id"], plain(learned["caller_id"])),
            proved=moment_words(learned["proved_at"]) if learned["proved_at"] else "",
            level=level,
            volts=volts,
            corrected=[str(INPUTS[name]) for name in learned["turned"] if name in INPUTS],
            call=test_call(view) if heard else None,
            advice=advice(view, found) if heard else "",
            learned_advice=advice(view, learned) if learned["proved_at"] else "",
            sure=request.args.get("forget"),
        )

    @pages.post("")
    def go() -> ResponseReturnValue:
        what = request.form.get("go", "")
        if what not in GOES:
            flash(_("Nothing was done."))
            return redirect(url_for("wizard.index"))
        reply = ask({"do": "wizard", "go": what, "step": request.form.get("step", "")})
        if reply is None:
            flash(_("The recorder did not answer: not done."))
        elif not reply.get("ok"):
            flash(_("Not done: %(why)s", why=plain(reply.get("error"))))
        elif what in SAID:
            flash(str(SAID[what]))
            desk.log("line learned", did=what)
        return redirect(url_for("wizard.index"))

    return pages
