"""A call's facts and marks, each as a term and its words. What a record lacks is left out."""

from __future__ import annotations

from typing import Any

from web.words import clock, plain, state_of_number

HOOK_EVENTS = {"flash": "Hook flash", "reversal": "Line reversal"}
TONES = {
    "dial": "Dial tone",
    "busy": "Busy tone",
    "ringback": "Ringback tone",
    "reorder": "Reorder tone",
    "sit": "Special information tone",
    "cng": "Fax calling tone (CNG)",
    "ced": "Fax answer tone (CED)",
    "cas": "Call waiting alert (CAS)",
}
SHOWN_MARKS = 500  # hours of DTMF from a modem are not read by anyone


def facts(call: dict[str, Any]) -> list[tuple[str, str]]:
    """What was measured, in the order in which it is asked for."""
    found = [
        ("Number", plain(call.get("number")) or state_of_number(call)),
        ("Name sent", plain(call.get("name"))),
        ("Dialled", plain(call.get("dialled"))),
        ("Rings", plain(call.get("rings") or "")),
        ("Samples", _samples(call)),
        ("Clipped samples", plain(call.get("clipped") or "")),
        ("Started (UTC)", plain(call.get("started_at"))),
        ("Line", plain(call.get("line"))),
        ("Sequence", plain(call.get("sequence"))),
        ("Raw caller ID", plain(call.get("caller_id_raw"))),
        ("SHA-256, audio", plain(call.get("sha256_pcm"))),
        ("SHA-256, file", plain(call.get("sha256_file"))),
        ("Firmware", plain(call.get("firmware"))),
    ]
    return [(term, text) for term, text in found if text]


def _samples(call: dict[str, Any]) -> str:
    stored, expected = call.get("frames_stored"), call.get("frames_expected")
    if stored is None or expected is None:
        return ""
    return f"{plain(stored)} stored of {plain(expected)}, at {plain(call.get('rate'))} a second"


def gaps(call: dict[str, Any]) -> list[str]:
    """What is missing from the audio; offsets and counts are samples from its start."""
    rate = call.get("rate") or 8000
    return [
        f"{one['count'] / rate:.2f} s are missing at {clock(one['offset'] / rate)} of the audio"
        f" ({plain(one.get('reason'))}); silence stands in their place."
        for one in call.get("gaps") or []
    ]


def marks(call: dict[str, Any]) -> list[tuple[str, str]]:
    """What happened in the call: (time since the off-hook, words), in order."""
    found = [(float(offset), "⚑ Flagged") for offset in call.get("flags") or []]
    for one in call.get("hook_events") or []:
        found.append((one["offset"], HOOK_EVENTS.get(one["kind"], plain(one["kind"]))))
    for one in call.get("waiting") or []:
        who = " · ".join(filter(None, (plain(one.get("name")), plain(one.get("number")))))
        found.append((one["offset"], f"Call waiting: {who or 'no number'}"))
    for one in call.get("tones") or []:
        kind = one["kind"]
        words = f"Key {plain(one.get('digit'))}" if kind == "dtmf" else TONES.get(kind, plain(kind))
        found.append((one["offset"], words))
    found.sort(key=lambda mark: mark[0])
    return [(clock(offset), words) for offset, words in found[:SHOWN_MARKS]]
