"""What programs send to the API's operations on the box and the line, and get from them."""

from __future__ import annotations

from marshmallow import fields, validate

from web.api_parts import Closed, Open
from web.wizard import GOES

Text = fields.String


class Line(Open):
    ok = fields.Boolean()
    state = Text()
    words = Text()
    recording = fields.Boolean()
    private = fields.Boolean()
    since_s = fields.Float(allow_none=True)
    alarms = fields.List(Text())


class LineMonitor(Open):
    """Volts between the wires, where the board measures them."""

    line_volts = fields.Float(allow_none=True)
    line_lowest_volts = fields.Float(allow_none=True)
    line_highest_volts = fields.Float(allow_none=True)
    line_idle_volts = fields.Float(allow_none=True, metadata={"description": "learned"})
    line_threshold_volts = fields.Float(
        allow_none=True, metadata={"description": "a handset is lifted below"}
    )


class EventsQuery(Closed):
    level = fields.Boolean(
        load_default=False,
        metadata={"description": "level and voltage, too, while no call is recorded"},
    )


class WizardIn(Closed):
    go = Text(required=True, validate=validate.OneOf(GOES))
    step = Text(load_default="", validate=validate.Length(max=20))


class WizardOut(Open):
    step = Text(allow_none=True)
    found = fields.Dict()
    learned = fields.Dict()


class LogRow(Open):
    at = Text()
    what = Text()
    by = Text()
    call = Text()


def _limit(most: int, default: int = 0, strict: bool = True) -> fields.Integer:
    return fields.Integer(load_default=default, validate=validate.Range(0, most), strict=strict)


class RetentionIn(Closed):
    """0: not by this rule; `incoming_days` and `outgoing_days` hold instead of `days`."""

    days = _limit(36_500)
    incoming_days = _limit(36_500)
    outgoing_days = _limit(36_500)
    calls = _limit(10_000_000)
    free_mb = _limit(1_000_000)
    warn_days = _limit(366, 30)


class RetentionQuery(Closed):
    """The same, in an address."""

    days = _limit(36_500, strict=False)
    incoming_days = _limit(36_500, strict=False)
    outgoing_days = _limit(36_500, strict=False)
    calls = _limit(10_000_000, strict=False)
    free_mb = _limit(1_000_000, strict=False)


class GoingOut(Open):
    id = Text(required=True)
    started_at = Text()
    why = Text()
    kept = Text(metadata={"description": "why it stays all the same; empty: it would go"})
    bytes = fields.Integer()


class PlanOut(Open):
    calls = fields.List(fields.Nested(GoingOut), required=True)
    more = fields.Boolean(metadata={"description": "the oldest are listed; there are more"})


def _switch() -> fields.Boolean:
    return fields.Boolean(truthy={True}, falsy={False})


class Switches(Closed):
    """A switch for each alarm; what is not named stays as it is."""

    no_calls_days = fields.Integer(validate=validate.Range(0, 366), strict=True)
    line_cut = _switch()
    off_hook = _switch()
    silent = _switch()
    one_sided = _switch()
    clipped = _switch()
    gaps = _switch()
    medium_full = _switch()
    medium_failing = _switch()
    medium_slow = _switch()
    clock_unsure = _switch()
    power = _switch()
    heat = _switch()
    restarted = _switch()


class MediumOut(Open):
    name = Text()
    total = fields.Integer()
    free = fields.Integer()
    days = fields.Float(allow_none=True, metadata={"description": "until it is full"})


class StandingOut(Open):
    words = Text()
    to_do = Text()


class Box(Open):
    version = Text(required=True)
    uptime_s = fields.Float(allow_none=True)
    recorder_running_s = fields.Float(allow_none=True)
    recorder_answers = fields.Boolean()
    alarms = fields.List(fields.Nested(StandingOut))
    media = fields.List(fields.Nested(MediumOut))
