"""CLIP by DTMF: the exchange sends the caller's number as digits, before or between rings.

Three forms are told apart by their codes (ETS 300 659-1, as spandsp's `adsi.h` lists them by
country; the Danish codes as TeleDanmark published them):

- `A` number `D` redirected number `B` information `C`, each field may be missing: Belgium, Brazil,
  Denmark, Finland, Iceland, India, the Netherlands, Saudi Arabia, Sweden, Uruguay. Information is
  00 (not available) or 10 (withheld);
- `A` number `#`, or `D1#` (withheld), `D2#` (international), `D3#` (technical reasons): Denmark;
- `D` number `C` or `#`: Taiwan, Kuwait.

A fourth, number and `#` with no start code (old Denmark, Netherlands), cannot be told from what a
person dials and is left to those who know that the line is ringing. `C` as a start code and `D` as
an end code are taken as well; no source found says who sends them.
"""

from __future__ import annotations

import re
from dataclasses import replace

from firmware.events import CallerId, DtmfDigit

STARTS = "ABCD"
LONGEST_PAUSE_S = 0.5
PATIENCE_S = 1.5  # a digit is told after its end: this long after the last one none can follow
LONGEST_NUMBER = 20
SHORTEST_NUMBER = 3  # fewer digits behind a number's start code are no number
FIELD = re.compile(r"([ABCD])([0-9]*)")
WHOLE = re.compile(r"(?:[ABCD][0-9]*)+[CD#]")
INFORMATION = {"10": "withheld", "00": "unavailable"}
DANISH = {"1": "withheld", "2": "unavailable", "3": "unavailable"}


class DtmfClipDecoder:
    """Fed with DTMF digits as they come; `expire` closes a message that nothing followed."""

    def __init__(self, rate: int = 8000) -> None:
        self._pause = round(LONGEST_PAUSE_S * rate)
        self._patience = round(PATIENCE_S * rate)
        self._digits: list[DtmfDigit] = []

    def feed(self, digit: DtmfDigit) -> list[CallerId]:
        """Take one digit; the messages that it ends, or shows to have ended before it."""
        told: list[CallerId] = []
        if self._digits and digit.start - self._digits[-1].end > self._pause:
            told += self._close()
        if not self._digits:
            if digit.digit in STARTS:
                self._digits = [digit]
            return told
        self._digits.append(digit)
        # C ends a message, D may begin a field: only what follows can tell
        if digit.digit in "C#" or len(self._digits) > 3 * LONGEST_NUMBER:
            told += self._close()
        return told

    def expire(self, now: int) -> list[CallerId]:
        """The message that no digit can continue any more at sample `now`."""
        if self._digits and now - self._digits[-1].end > self._patience:
            return self._close()
        return []

    def _close(self) -> list[CallerId]:
        sent, self._digits = self._digits, []
        text = "".join(one.digit for one in sent)
        if sum(one.isdigit() for one in text) == 0:
            return []  # a telephone that acknowledges CAS sends a lone A or D
        message = replace(read(text), start=sent[0].start, end=sent[-1].end)
        return [message]


def read(text: str) -> CallerId:
    """The message of the digits between and with its start and end codes."""
    told = CallerId(0, 0, "dtmf", name_absent="not sent", raw_hex=text.encode().hex())
    if not WHOLE.fullmatch(text):
        return replace(told, number_absent="not decoded")
    fields = dict(FIELD.findall(text[:-1]))
    if text[0] == "D" and text[-1] == "#" and fields["D"] in DANISH:
        return replace(told, number_absent=DANISH[fields["D"]])
    number = fields.get("A") or fields.get("C") or ""
    if not number and "B" not in fields:
        number = fields.get("D", "")
    if SHORTEST_NUMBER <= len(number) <= LONGEST_NUMBER:
        return replace(told, number=number)
    if number:
        return replace(told, number_absent="not decoded")
    return replace(told, number_absent=INFORMATION.get(fields.get("B", ""), "unavailable"))
