"""Whether a recording is whole, why the box was blind, and what an alarm means: in words.

The recorder gives codes and words of its own, in English; here they are in the page's language.
"""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as later

from firmware.archive.completeness import judge
from web.figures import figures

REASONS = {
    "no-audio": later("There is no audio of this call."),
    "frames": later("Some of it is missing; silence stands in its place."),
    "unfinished": later("The recording was cut off before the call was over."),
    "damage": later("The recording is damaged."),
    "start": later("The call was already going on when its recording began."),
    "silent": later("Nobody is heard: the line was silent. Check that the box hears the line."),
    "one-sided": later("Perhaps only one of the two people is heard. This is a guess."),
    "clipped": later("It is too loud: some samples are clipped."),
    "clock": later("Its date and time are not sure: nothing had set the box's clock."),
}
CAUSES = {
    "off": later("the box had no power"),
    "stopped": later("the recorder was stopped"),
    "crashed": later("the recorder had a fault"),
    "no-card": later("the sound card was gone"),
    "no-space": later("no medium took the recording"),
}
ALARMS = {
    "off-hook-too-long": later(
        "A telephone has been off the hook for very long. It is recorded up to the configured"
        " limit; nobody can call you until it is hung up."
    ),
    "line-cut": later("There is no voltage on the line: it is cut or unplugged. No call can come."),
    "sound-card": later("The sound card gives no sound: nothing can be recorded."),
    "line-pins": later("The line's pins cannot be read: calls are found by voice only."),
    "line-gauge": later(
        "The line's voltage cannot be read or the hook threshold not set. Calls are recorded by the"
        " threshold that was set last."
    ),
    "line-learned": later(
        "What was learned of the line is used, but cannot be kept over a restart."
    ),
    "call-keys": later("Earlier encrypted calls cannot be opened. New ones are recorded."),
    "lamps": later("The lamps cannot be lit. Calls are recorded."),
    "archive": later("The running or the last call could not be stored as it should be."),
    "archive-space": later("The box's own medium is full: calls cannot be stored there."),
    "medium": later("Something is wrong with a storage medium."),
    "medium-full": later("The medium is nearly full."),
    "medium-failing": later("The medium fails."),
    "medium-slow": later("The medium is slow."),
    "sound-lost": later("Some of the last calls could not be kept: no medium took them."),
    "under-voltage": later("The box has too low a voltage. Use a better power supply."),
    "overheating": later("The box is too hot."),
    "clock-unsure": later("Nothing has set the clock: dates and times are not sure."),
    "no-calls": later("No call has come for a long time. Is the line all right?"),
    "restarted": later("The recorder had a fault and was started anew."),
    "settings": later("Some of the settings cannot be understood and do not count."),
    "announcement-not-heard": later(
        "The announcement or the beep cannot be heard in the last recording: the other side was"
        " told nothing. Check the play-out."
    ),
    "play-out": later("Nothing can be played into the line. Calls are recorded."),
    "not-armed": later(
        "Calls are not recorded: in this country the box waits until you have set up the"
        " announcement, under Settings, Recording and consent."
    ),
    "number-rules": later(
        "The contacts cannot be read. The rules for numbers that were read last still hold."
    ),
    "announcement-file": later(
        "Your own announcement cannot be played. The English one is played instead."
    ),
    "consent-place": later("No rule is known for the chosen country. The last one still holds."),
    "evidence": later("What is done with calls cannot be entered in the signed log."),
    "evidence-replaced": later("The signed log is not the one that was there before."),
    "recovered": later("Recordings were recovered after a power cut or a fault."),
    "recording-silent": later("In the last recording nobody is heard."),
    "recording-one-sided": later("In the last recording perhaps only one person is heard."),
    "recording-clipped": later("The last recording is too loud."),
    "recording-frames": later("Something is missing in the last recording."),
}


def reasons(call: dict[str, Any]) -> list[str]:
    """Why the recording is not complete, most serious first; none where it is."""
    found = judge(call) if call.get("audio") else []
    said = [str(REASONS.get(one.code, one.words)) for one in found]
    if call.get("audio") and call.get("frames_stored") == 0:
        said.insert(0, _("The recording is empty: not one sample of sound came from the line."))
    return said


def is_whole(call: dict[str, Any]) -> bool:
    """Whether there is a recording with nothing against it."""
    return bool(call.get("audio")) and call.get("frames_stored") != 0 and not judge(call)


def cause(call: dict[str, Any]) -> str:
    """Why the box was blind; "" where that is not known."""
    code = str(call.get("cause") or "")
    return str(CAUSES.get(code, code))


def alarm(kind: str, why: str, language: str) -> str:
    """An alarm: what it means, with its figures; in English what the recorder says of it itself."""
    known = ALARMS.get(kind)
    if known is None:
        return why
    if language == "en" and why and kind not in ("off-hook-too-long", "line-cut"):
        return why
    counted = figures(why)
    return f"{known} ({counted})" if counted else str(known)
