"""What consent means for the running call: whether there is audio of it, what its record says.

Between the recorder and the consent desk. A number counts once it is whole: a caller's when his
message was read, a dialled one when no digit followed for a while, or the exchange answered it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from firmware.calls.call import Call, Direction
from firmware.calls.consent import Plan
from firmware.consent_desk import ConsentDesk
from firmware.events import Heard, LineEvent, LineReversal

DIALLED_S = 4.0  # so long after its last digit a number is whole
HELD_BY = "rule"
HELD_WHY = "always held, by the owner's rule for this number"


class ConsentWatch:
    """Follows one call after the other; without a desk every call is recorded and nothing kept.

    `refused`: why there is no audio of the running call; empty where there is, or may be.
    """

    def __init__(self, desk: ConsentDesk | None) -> None:
        self._desk = desk
        self._decided: Plan | None = None
        self._number: str | None = None
        self._dialled = ""
        self._whole_at: float | None = None
        self._earlier: list[dict[str, Any]] = []
        self.refused = ""

    def take(self, event: LineEvent | Heard, call: Call | None) -> list[LineEvent]:
        """Tell the desk; key codes come back as the button's events."""
        if self._desk is None:
            return []
        if isinstance(event, LineReversal) and self._whole_at is not None and call is not None:
            self._know(call, call.dialled, event.time)  # the exchange has answered it
        return self._desk.take(event)

    def deadline(self) -> float | None:
        """When `tick` is wanted, in monotonic seconds."""
        due = [self._whole_at, None if self._desk is None else self._desk.deadline()]
        return min((time for time in due if time is not None), default=None)

    def tick(self, now: float) -> None:
        """Let time pass."""
        if self._desk is not None:
            self._desk.tick(now)

    def begin(self, call: Call, record: dict[str, Any] | None = None) -> None:
        """The telephone was lifted. `record`: of the call that a restart broke off and that goes
        on now; what was played into it stays, and what its number means is known again."""
        kept = record.get("consent") if record else None
        played = kept.get("played") if isinstance(kept, dict) else None
        self._earlier = played if isinstance(played, list) else []
        self._whole_at, self._dialled = None, call.dialled
        outgoing = call.direction is Direction.OUTGOING
        self._know(call, (call.dialled or None) if outgoing else call.number, call.started)

    def goes_on_refused(self, why: str) -> None:
        """A restart of the recorder broke a call off that was refused: it still is."""
        if self._decided is not None:
            self._decided = replace(self._decided, refused=why)
        self.refused = why

    def look(self, call: Call | None, now: float) -> None:
        """See whether more is known of the call."""
        if self._desk is None or call is None:
            return
        if call.direction is Direction.OUTGOING:
            if call.dialled != self._dialled:
                self._dialled, self._whole_at = call.dialled, now + DIALLED_S
            if self._whole_at is not None and now >= self._whole_at:
                self._know(call, call.dialled, now)
            return
        self._whole_at = None
        if call.number != self._number:
            self._know(call, call.number, now)

    def asked_anew(self, call: Call | None, now: float) -> None:
        """The owner's rules have changed: what they mean for this call."""
        if call is not None:
            self._know(call, self._number, now)

    def _know(self, call: Call, number: str | None, now: float) -> None:
        if self._desk is None:
            return
        self._number, self._whole_at = number, None
        self._desk.identify(number)
        self._decide(self._desk.plan(str(call.direction), number), call)
        if self.refused:
            self._desk.refuse(now)

    def _decide(self, decided: Plan, call: Call) -> None:
        """Once refused, always: a call of which a part is missing is no recording of it."""
        if not self.refused:
            self._decided = decided
        if call.off_hook is not None and not self.refused:
            self.refused = decided.refused

    def over(self, call: Call, now: float) -> None:
        """The call is over; a number that was just dialled counts now."""
        if self._desk is None:
            return
        self._desk.over(now)
        self._whole_at = None
        number = call.number or call.dialled or None
        self._decide(self._desk.plan(str(call.direction), number), call)

    def facts(self, offset_at: Callable[[float], int | None]) -> dict[str, Any]:
        """What the record says. `offset_at`: the sample of the recording at a monotonic time."""
        if self._desk is None or self._decided is None:
            return {}
        for one in self._desk.playings():
            if one.expected is None:
                one.expected = offset_at(one.at)
        made: dict[str, Any] = {"consent": self._desk.ledger(self._decided, self._earlier)}
        if self.refused:
            made["refused"] = self.refused
        if self._decided.hold:
            made |= {"held": True, "held_by": HELD_BY, "held_why": HELD_WHY}
        return made

    def forget(self) -> None:
        """Its record is made; the next call may begin."""
        self._decided, self._number, self.refused = None, None, ""
        self._dialled, self._earlier = "", []
