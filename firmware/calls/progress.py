"""Whether an outgoing call was answered, as far as the tones of the exchange tell.

An exchange says that a call was answered by falling silent: ringback stops and nothing else comes.
What cannot be told is `unknown`, with `answered` None: no ringback heard at all; or ringback that
had just stopped, or had just been talked over, when the call ended or busy came.
"""

from __future__ import annotations

from dataclasses import dataclass

from firmware.calls.call import Outcome

FAILURES = {"busy": Outcome.BUSY, "reorder": Outcome.CONGESTION, "sit": Outcome.UNOBTAINABLE}
SETUP_S = 20.0  # from the last digit to busy: later, somebody may have talked
RANG_OUT_S = 2.0  # ringback, then busy at once: the exchange gave up
TALKED_S = 6.0  # longer than any pause of ringback
DIAL_LEFT_S = 1.5  # dial tone to within so little of the end: nothing was dialled


@dataclass(slots=True)
class _Heard:
    name: str
    start: float
    end: float | None = None


class CallProgress:
    """What was heard in one outgoing call; times in monotonic seconds."""

    def __init__(self, off_hook: float) -> None:
        self._digit_at = off_hook
        self._dialled = False
        self._tones: list[_Heard] = []
        self._answered = False

    @property
    def connecting(self) -> bool:
        """Whether the exchange has answered the digits: what is keyed now is no number."""
        return any(tone.name == "ringback" or tone.name in FAILURES for tone in self._tones)

    def digit(self, time: float) -> None:
        """A digit was dialled."""
        if not self.connecting:
            self._digit_at, self._dialled = time, True

    def began(self, name: str, start: float) -> None:
        """A tone sounds since `start`. Ringback before any digit is none."""
        if name == "ringback" and not self._dialled and start < self._digit_at + 1.0:
            return
        if name == "ced":  # a fax machine or a modem answers
            self._answered = True
        elif name == "ringback" and self._rings_on(start):
            return
        elif name in ("dial", "ringback") or name in FAILURES:
            self._tones.append(_Heard(name, start))

    def over(self, name: str, end: float) -> None:
        """The tone that sounded last under this name is over."""
        tone = self._last(name)
        if tone is not None and tone.end is None and end >= tone.start:
            tone.end = end

    def _rings_on(self, start: float) -> bool:
        """Ringback that somebody talked over goes on."""
        last = self._last("ringback")
        if last is None or last.end is None or start - last.end > TALKED_S:
            return False
        last.end = None
        return True

    def polarity(self) -> None:
        """The line was reversed; after the digits that means answered."""
        self._answered = self._answered or self._dialled or self.connecting

    def verdict(self, ended: float) -> tuple[Outcome, bool | None]:
        """Outcome, and whether it was answered; None: not to be told."""
        if self._answered:
            return Outcome.ANSWERED, True
        ringback = self._last("ringback")
        failure = next((tone for tone in self._tones if tone.name in FAILURES), None)
        dial = self._last("dial")
        if ringback is None and failure is not None:
            if dial is not None and not self._dialled:
                return Outcome.NOT_DIALLED, False
            if failure.start - self._digit_at <= SETUP_S or failure.name == "sit":
                return FAILURES[failure.name], False
            return Outcome.UNKNOWN, None
        if ringback is not None:
            return self._after_ringback(ringback, failure, ended)
        left = dial is not None and (dial.end is None or ended - dial.end < DIAL_LEFT_S)
        if left and not self._dialled:
            return Outcome.NOT_DIALLED, False
        return Outcome.UNKNOWN, None

    def _last(self, name: str) -> _Heard | None:
        return next((tone for tone in reversed(self._tones) if tone.name == name), None)

    @staticmethod
    def _after_ringback(
        ringback: _Heard, failure: _Heard | None, ended: float
    ) -> tuple[Outcome, bool | None]:
        if ringback.end is None:
            return Outcome.NO_ANSWER, False
        later = failure is not None and failure.start >= ringback.end - 0.1
        quiet = (failure.start if failure is not None and later else ended) - ringback.end
        if quiet > TALKED_S:
            return Outcome.ANSWERED, True
        if later and failure is not None and failure.name == "sit":
            return Outcome.UNOBTAINABLE, False
        if later and quiet <= RANG_OUT_S:
            return Outcome.NO_ANSWER, False
        return Outcome.UNKNOWN, None
