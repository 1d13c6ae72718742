"""The line wizard: the owner lifts, dials, hangs up and is called once; this says what was seen.

Pure: looks at the line come in, step by step. A step that is done leads to the next by itself,
because the owner has the handset in his hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from firmware.archive.quality import Levels
from firmware.audio.frames import Samples
from firmware.audio.levels import rms_dbm0
from firmware.calls.call import Call, Direction
from firmware.learning.levels import vox_threshold
from firmware.line.idle_voltage import CUT_V, LOWEST_IDLE_V

STEPS = ("idle", "lift", "dial", "hangup", "ring", "play")
QUIET_S = 3.0
FRESH_S = 8.0  # a gauge that has not answered by then is not waited for
STEADY_S = 1.0
TONE_S = 2.0
RISE_DB = 6.0
LIFTED_SHARE = 0.75  # of the idle voltage: a lifted telephone takes more than a quarter of it
DIALLED_S = 2.0
PATIENCE_S = 20.0
LEVEL_S = 0.3


@dataclass(frozen=True, slots=True)
class Look:
    """The line at one moment, monotonic seconds. `samples`: (n,) int16 until then.

    `inputs`: the settled levels of the board's inputs, True for active; `state` and `call` as the
    call machine has them; `volts` and `idle` in volts, None without a gauge.
    """

    now: float
    samples: Samples
    inputs: Mapping[str, bool]
    state: str
    call: Call | None = None
    volts: float | None = None
    idle: float | None = None


@dataclass(slots=True)
class LineWizard:
    """`step`: what is waited for; `found`: step -> what was seen; `trouble`: a code, or "".

    `turned`: the inputs that are the wrong way round; `hook`: "gpio", or "vox" where no input
    follows the handset. `gauge`: the board tells the voltage, and is asked to learn it.
    """

    rate: int
    gauge: bool = False
    turned: frozenset[str] = frozenset()
    step: str = "idle"
    found: dict[str, dict[str, Any]] = field(default_factory=dict)
    trouble: str = ""
    hook: str = "gpio"
    changes: int = 0
    _since: float | None = None
    _levels: Levels | None = None
    _level: float = -90.0
    _loud_since: float | None = None
    _moved_since: float | None = None
    _digit_at: float = 0.0
    _hertz: float | None = None
    _answered: bool = False

    def look(self, look: Look) -> None:
        """Take the next look at the line."""
        if self._since is None:
            self._since = look.now
        self._follow_level(look)
        getattr(self, f"_{self.step}")(look, look.now - self._since)

    def rang(self, hertz: float) -> None:
        """A burst of ringing at this frequency."""
        self._hertz = hertz

    def go_to(self, step: str) -> None:
        """Wait for this step now; what it and the later ones had seen is forgotten."""
        for name in STEPS[STEPS.index(step) :]:
            self.found.pop(name, None)
        self.step, self.trouble, self._since = step, "", None
        self._levels = self._moved_since = self._loud_since = None
        self._answered = False
        self.changes += 1

    def skip(self) -> None:
        """Go on without it."""
        self.go_to(STEPS[min(STEPS.index(self.step) + 1, len(STEPS) - 1)])

    def turn(self, name: str) -> None:
        """This input is the wrong way round (or, turned again, was right)."""
        self.turned = self.turned ^ {name}
        self.changes += 1

    def turn_hook(self) -> None:
        """The owner says that the handset was on its hook when the input said that it was not."""
        if self.step == "lift":
            self.turn("offhook")
            self._done(inverted=True)

    def _note(self, **facts: Any) -> None:
        before = self.found.get(self.step, {})
        if (now := before | facts) != before:
            self.found[self.step] = now
            self.changes += 1

    def _complain(self, trouble: str) -> None:
        if trouble != self.trouble:
            self.trouble = trouble
            self.changes += 1

    def _done(self, **facts: Any) -> None:
        self._note(**facts)
        self.skip()

    def _follow_level(self, look: Look) -> None:
        """A level that follows within LEVEL_S, and since when it is above the idle line's."""
        share = min(1.0, len(look.samples) / self.rate / LEVEL_S)
        self._level += share * (max(-90.0, rms_dbm0(look.samples)) - self._level)
        if self._level < self._noise() + RISE_DB:
            self._loud_since = None
        elif self._loud_since is None:
            self._loud_since = look.now

    def _noise(self) -> float:
        return float(self.found.get("idle", {}).get("noise_dbm0", -90.0))

    def _idle(self, look: Look, waited: float) -> None:
        if look.state == "ringing":
            self.go_to("idle")
            return
        if self._levels is None:
            self._levels = Levels(self.rate)
        self._levels.add(look.samples)
        if waited < QUIET_S or (self.gauge and look.idle is None and waited < FRESH_S):
            return
        line = look.inputs.get("line_ok", True)
        if not line and look.volts is not None and look.volts >= LOWEST_IDLE_V:
            self.turn("line_ok")
            line = True
        noise = self._levels.facts().get("p90_dbm0", -90)
        self._done(
            noise_dbm0=noise,
            volts=look.volts,
            offhook=look.inputs.get("offhook", False),
            line=line and (look.volts is None or look.volts > CUT_V),
        )

    def _lift(self, look: Look, waited: float) -> None:
        idle = self.found.get("idle", {})
        resting = bool(idle.get("offhook"))
        if look.inputs.get("offhook", resting) != resting:
            self._moved_since = look.now if self._moved_since is None else self._moved_since
            if look.now - self._moved_since >= STEADY_S:
                self._lifted(look, resting)
            return
        self._moved_since = None
        if self._loud_since is not None and look.now - self._loud_since >= TONE_S:
            self.hook = "vox"
            self._done(volts=look.volts, input=False)
        elif waited > PATIENCE_S:
            self._complain("nothing")

    def _lifted(self, look: Look, resting: bool) -> None:
        """The input followed the handset; which way round is told by voltage or dial tone."""
        self.hook = "gpio"
        if not resting:
            if not self.found.get("idle", {}).get("line", True) and self._loud_since is not None:
                self.turn("line_ok")
            self._done(volts=look.volts, inverted="offhook" in self.turned, input=True)
            return
        before = self.found.get("idle", {}).get("volts")
        down = up = False
        if before and look.volts is not None:
            down, up = look.volts < LIFTED_SHARE * before, look.volts > before / LIFTED_SHARE
        elif self._loud_since is not None:
            down = True
        if down:
            self.turn("offhook")
            self._done(volts=look.volts, inverted=True, input=True)
        elif up or self._level < self._noise() - RISE_DB:
            self.go_to("idle")
            self._complain("was-lifted")
        else:
            self._complain("unsure")

    def _dial(self, look: Look, waited: float) -> None:
        call = look.call
        digits = call.dialled if call is not None else ""
        if call is not None and digits and digits != self.found.get("dial", {}).get("dialled"):
            tones = any(one["kind"] == "dtmf" for one in call.tones)
            self._note(dialled=digits, how="tones" if tones else "pulses")
            self._complain("")
            self._digit_at = look.now
        if self.found.get("dial"):
            if look.state == "idle" or look.now - self._digit_at >= DIALLED_S:
                self._done()
        elif waited > PATIENCE_S:
            self._complain("no-digits")

    def _hangup(self, look: Look, waited: float) -> None:
        if look.state in ("idle", "ringing"):
            self._done(seen=True)
        elif waited > 3 * PATIENCE_S:
            self._complain("nothing")

    def _ring(self, look: Look, waited: float) -> None:
        call = look.call
        if call is not None and call.direction is Direction.INCOMING:
            self._note_caller(call)
            if look.state == "incall":
                self._answered = True
                self._levels = self._levels or Levels(self.rate)
                self._levels.add(look.samples)
        elif look.state == "idle" and self.found.get("ring"):
            if self._answered and self._levels is not None:
                self._done(answered=True, **self._voices(self._levels))
            else:
                self._complain("not-answered")
        elif waited > 3 * PATIENCE_S:
            self._complain("nothing")

    def _note_caller(self, call: Call) -> None:
        self._complain("")
        sent: Any = call.caller_ids[-1] if call.caller_ids else {}
        self._note(
            rings=call.rings,
            hertz=self._hertz,
            standard=sent.get("standard", ""),
            number=call.number,
            absent=call.number_absent,
            started_monotonic=call.started,
        )

    def _voices(self, levels: Levels) -> dict[str, Any]:
        facts = levels.facts()
        return {
            "near_dbm0": facts.get("spurts_p90_dbm0"),
            "far_dbm0": facts.get("spurts_p10_dbm0"),
            "clipped": levels.clipped,
        }

    def _play(self, _look: Look, _waited: float) -> None:
        """The owner listens and says what he hears."""

    def learned(self) -> dict[str, Any]:
        """What is to be kept, by the names of `Learned`."""
        ring, idle = self.found.get("ring", {}), self.found.get("idle", {})
        noise, far = idle.get("noise_dbm0"), ring.get("far_dbm0")
        return {
            "turned": tuple(sorted(self.turned)),
            "hook": self.hook if "lift" in self.found else "",
            "vox_threshold_dbm0": vox_threshold(noise, far),
            "caller_id": ring.get("standard", ""),
            "noise_dbm0": noise,
            "near_dbm0": ring.get("near_dbm0"),
            "far_dbm0": far,
            "clipped": ring.get("clipped", 0),
        }
