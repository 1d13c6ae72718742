"""What programs send to the API and get from it; the OpenAPI document is made of these."""

from __future__ import annotations

from marshmallow import fields, validate

from firmware.archive.people import RULES
from web import query
from web.api_parts import Closed, Open
from web.bulk import MARKS
from web.bulk import MOST as MOST_IDS

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
    held_why = Text()
    heard = fields.Boolean()
    note = Text()
    audio = fields.Boolean(metadata={"description": "whether there is a recording"})
    only_for = Text(
        allow_none=True,
        metadata={"description": "id of the user who made it his own; the owner sees it, too"},
    )


class Calls(Open):
    calls = fields.List(fields.Nested(Call), required=True)
    older = fields.Integer(allow_none=True, metadata={"description": "give it as `before`"})
    newer = fields.Integer(allow_none=True, metadata={"description": "give it as `after`"})


class Marks(Closed):
    flagged = fields.Boolean(truthy={True}, falsy={False})
    held = fields.Boolean(truthy={True}, falsy={False})
    held_why = Text(
        validate=validate.Length(max=200), metadata={"description": "the reason of the hold"}
    )
    heard = fields.Boolean(truthy={True}, falsy={False})
    note = Text(validate=validate.Length(max=4000))


class Caller(Open):
    """All calls of one number."""

    calls = fields.Integer(required=True)
    incoming = fields.Integer()
    outgoing = fields.Integer()
    missed = fields.Integer()
    first = Text(allow_none=True)
    last = Text(allow_none=True)
    contact = Text(allow_none=True)


class Claim(Closed):
    user = Text(required=True, validate=validate.Length(1, 64))


class ManyIn(Closed):
    """Up to 500 calls; ids that are not here are left out."""

    calls = fields.List(
        Text(validate=validate.Length(1, 64)), required=True, validate=validate.Length(1, MOST_IDS)
    )


class MarkMany(ManyIn):
    do = Text(required=True, validate=validate.OneOf(tuple(MARKS)))


class Done(Open):
    """`done`: what it was done to; `left`: what it was not, with the reason."""

    done = fields.List(Text(), required=True)
    left = fields.Dict(keys=Text(), values=Text())


class SoundMark(Open):
    kind = Text(metadata={"description": "flag, key, tone, hook, waiting, announcement or gap"})
    words = Text()
    at_s = fields.Float(metadata={"description": "seconds since the telephone was lifted"})
    place = fields.Float(allow_none=True, metadata={"description": "of the audio, 0 to 1"})


class Silence(Open):
    begins_s = fields.Float()
    ends_s = fields.Float()


class SoundOut(Open):
    """What a player shows of a call."""

    length_s = fields.Float(required=True)
    before_s = fields.Float(metadata={"description": "seconds kept from before it was lifted"})
    whole = fields.Boolean(metadata={"description": "nothing is against it"})
    trouble = fields.List(Text(), metadata={"description": "what is missing or wrong, in words"})
    marks = fields.List(fields.Nested(SoundMark))
    silences = fields.List(fields.Nested(Silence))
    next_unheard = Text(allow_none=True)


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


class Taken(Open):
    """Of a vCard file; whoever was there already is left alone."""

    found = fields.Integer(metadata={"description": "people with a number in the file"})
    added = fields.Integer()


class ExportQuery(ListQuery):
    form = Text(load_default="csv", validate=validate.OneOf(("csv", "json")))
