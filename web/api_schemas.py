"""What programs send to the API and get from it; the OpenAPI document is made of these."""

from __future__ import annotations

from marshmallow import fields, validate

from firmware.archive.people import RULES
from web import query
from web.api_parts import Closed, Open

MOST = 200
Text = fields.String
SHORT = validate.Length(max=query.LONGEST)


class ListQuery(Closed):
    q = Text(validate=SHORT, metadata={"description": "words of number, name or note"})
    show = Text(validate=validate.OneOf([one for one in query.SHOWN if one]))
    direction = Text(validate=validate.OneOf([one for one in query.DIRECTIONS if one]))
    number = Text(validate=SHORT)
    person = Text(validate=SHORT)
    since = Text(validate=SHORT, metadata={"description": "first day, 2026-03-31"})
    until = Text(validate=SHORT, metadata={"description": "last day, 2026-03-31"})


class PageQuery(ListQuery):
    before = fields.Integer(validate=validate.Range(0, query.LAST_KEY))
    after = fields.Integer(validate=validate.Range(0, query.LAST_KEY))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, MOST))


class Call(Open):
    """A call's record as its sidecar keeps it, with the owner's marks."""

    id = Text(required=True)
    line = Text()
    sequence = fields.Integer()
    started_at = Text()
    direction = Text()
    outcome = Text()
    number = Text(allow_none=True)
    name = Text(allow_none=True)
    contact = Text()
    duration_s = fields.Float(allow_none=True)
    answered = fields.Boolean()
    flagged = fields.Boolean()
    held = fields.Boolean()
    heard = fields.Boolean()
    note = Text()
    audio = fields.Boolean(metadata={"description": "whether there is a recording"})


class Calls(Open):
    calls = fields.List(fields.Nested(Call), required=True)
    older = fields.Integer(allow_none=True, metadata={"description": "give it as `before`"})
    newer = fields.Integer(allow_none=True, metadata={"description": "give it as `after`"})


class Marks(Closed):
    flagged = fields.Boolean(truthy={True}, falsy={False})
    held = fields.Boolean(truthy={True}, falsy={False})
    heard = fields.Boolean(truthy={True}, falsy={False})
    note = Text(validate=validate.Length(max=4000))


class WaveQuery(Closed):
    parts = fields.Integer(load_default=300, validate=validate.Range(1, 1200))


class Wave(Open):
    peaks = fields.List(fields.Integer(), metadata={"description": "0 is -60 dB, 255 full scale"})


class PersonIn(Closed):
    name = Text(required=True, validate=validate.Length(1, 100))
    numbers = fields.List(Text(validate=validate.Length(1, 40)), validate=validate.Length(max=10))
    rule = Text(load_default="record", validate=validate.OneOf(RULES))
    note = Text(load_default="", validate=validate.Length(max=500))


class PersonOut(Open):
    id = Text(required=True)
    name = Text()
    numbers = fields.List(Text())
    rule = Text()
    note = Text()


class Line(Open):
    ok = fields.Boolean()
    state = Text()
    words = Text()
    recording = fields.Boolean()
    private = fields.Boolean()
    since_s = fields.Float(allow_none=True)
    alarms = fields.List(Text())


class LogRow(Open):
    at = Text()
    what = Text()
    by = Text()
    call = Text()


class ExportQuery(ListQuery):
    form = Text(load_default="csv", validate=validate.OneOf(("csv", "json")))


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
