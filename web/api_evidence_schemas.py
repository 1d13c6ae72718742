"""What programs send to the API's evidence operations and get from them."""

from __future__ import annotations

from marshmallow import fields, validate

from web.api_parts import Closed, Open
from web.bulk import MOST
from web.evidence_cases import LONGEST_NOTE, LONGEST_TITLE, MOST_NOTES
from web.evidence_stop import KINDS, LONGEST_ADDRESS, LONGEST_WORDS
from web.users import LONGEST_PASSWORD

Text = fields.String
ID = Text(required=True, validate=validate.Length(1, 64))
NUMBER = Text(required=True, validate=validate.Length(1, 40))
IDS = fields.List(Text(validate=validate.Length(1, 64)), validate=validate.Length(1, MOST))


class Seal(Open):
    """Whether a call is as it was sealed."""

    state = Text(
        required=True,
        validate=validate.OneOf(
            ("sealed", "changed", "unsealed", "deleted", "checking", "unknown")
        ),
    )
    why = Text(metadata={"description": "log, record, recording or missing, where it was changed"})
    entry = fields.Integer(allow_none=True, metadata={"description": "of the log"})
    sealed_at = Text(allow_none=True)
    existed = Text(allow_none=True, metadata={"description": "no later than this, by a time-stamp"})


class Entry(Open):
    seq = fields.Integer(required=True)
    at = Text(required=True)
    kind = Text(required=True)
    by = Text()


class LogHead(Open):
    """The newest signed head of the log."""

    box = Text(required=True)
    size = fields.Integer(required=True)
    at = Text(required=True)
    words = Text(required=True, metadata={"description": "twelve words that stand for this head"})
    stamps = fields.List(Text())
    text = Text(metadata={"description": "the head and its signature, as in the QR code"})


class BundleIn(Closed):
    calls = fields.List(
        Text(validate=validate.Length(1, 64)), required=True, validate=validate.Length(1, MOST)
    )
    title = Text(load_default="", validate=validate.Length(max=LONGEST_TITLE))
    notes = fields.List(
        Text(validate=validate.Length(max=LONGEST_NOTE)),
        load_default=list,
        validate=validate.Length(max=MOST_NOTES),
    )


class WorkOut(Open):
    """Work that takes longer than an answer. Ask again until it is done or failed."""

    id = Text(required=True)
    kind = Text(required=True)
    state = Text(required=True, validate=validate.OneOf(("waiting", "running", "done", "failed")))
    step = Text()
    share = fields.Float()
    why = Text()
    found = fields.List(Text(), metadata={"description": "what the check of the log found"})
    calls = fields.Integer(metadata={"description": "how many calls it is about, or was"})
    file = fields.Boolean(metadata={"description": "whether there is a file to download"})


class CaseIn(Closed):
    title = Text(required=True, validate=validate.Length(1, LONGEST_TITLE))


class CaseChange(Closed):
    title = Text(validate=validate.Length(1, LONGEST_TITLE))
    put = IDS
    take = IDS
    note = Text(validate=validate.Length(1, LONGEST_NOTE))
    unnote = fields.Integer(
        strict=True,
        validate=validate.Range(0, MOST_NOTES),
        metadata={"description": "place of a note that goes, 0 is the first"},
    )


class WordsIn(Closed):
    words = Text(required=True, validate=validate.Length(1, 300))


class WordsOut(Open):
    size = fields.Integer(metadata={"description": "entries in the log when it had this head"})
    at = Text()


class KeyIn(Closed):
    password = Text(
        required=True,
        validate=validate.Length(1, LONGEST_PASSWORD),
        metadata={"description": "the owner's: who has this page can sign as this box"},
    )


class CaseOut(Open):
    id = Text(required=True)
    title = Text(required=True)
    notes = fields.List(Text())
    calls = fields.List(Text())


class StopIn(Closed):
    words = Text(load_default="", validate=validate.Length(max=LONGEST_WORDS))


class StopCall(Open):
    call = Text(required=True)
    started = Text()
    outcome = Text()
    duration_s = fields.Float()


class Asked(Open):
    call = Text(required=True)
    at = Text()
    words = Text()


class StopOut(Open):
    """A caller who was asked to stop, and every call since."""

    number = Text(required=True)
    name = Text()
    asked = fields.List(fields.Nested(Asked))
    later = fields.List(fields.Nested(StopCall))


class LetterIn(Closed):
    number = NUMBER
    kind = Text(required=True, validate=validate.OneOf(tuple(KINDS)))
    language = Text(required=True, validate=validate.OneOf(("pl", "en")))
    sender = Text(load_default="", validate=validate.Length(max=LONGEST_ADDRESS))
    recipient = Text(load_default="", validate=validate.Length(max=LONGEST_ADDRESS))
    place = Text(load_default="", validate=validate.Length(max=100))


class NumberIn(Closed):
    number = NUMBER


class EraseIn(Closed):
    number = NUMBER
    erase = fields.Boolean(
        required=True, truthy={True}, falsy={False}, validate=validate.Equal(True),
        metadata={"description": "true: it cannot be brought back"},
    )  # fmt: skip
    contact = fields.Boolean(truthy={True}, falsy={False}, load_default=False)


class VerdictOut(Open):
    """`unchanged` false: `why` says what was found."""

    unchanged = fields.Boolean(required=True)
    why = Text()
    box = Text()
    calls = fields.List(Text())
