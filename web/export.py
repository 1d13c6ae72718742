"""The calls as a table: CSV for a spreadsheet, JSON for a program, as they are read."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

from flask import Response

from firmware.archive.search import Filter, Page
from web.auth import user
from web.desk import Desk

COLUMNS = (
    "id", "line", "sequence", "started_at", "direction", "outcome", "number", "name", "contact",
    "duration_s", "answered", "rings", "dialled", "flagged", "held", "heard", "note", "private",
    "deleted_at", "sha256_pcm", "sha256_file",
)  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r")
AT_ONCE = 200

Read = Callable[[Filter, int, int | None], Page]


def guarded(value: Any) -> str:
    """A cell that no spreadsheet takes for a formula: a name from the line may be `=cmd|…`.

    A telephone number with its plus sign, and a number, stay as they are.
    """
    if value is None:
        return ""
    if isinstance(value, bool | int | float):
        return str(value)
    text = str(value)
    if text.lstrip().startswith(FORMULA) or text.startswith(FORMULA):
        if text[:1] == "+" and text[1:].isascii() and text[1:].isdecimal():
            return text
        return f"'{text}"
    return text


def _calls(read: Read, wanted: Filter) -> Iterator[dict[str, Any]]:
    before: int | None = None
    while True:
        page = read(wanted, AT_ONCE, before)
        yield from page.calls
        if page.older is None:
            return
        before = page.older


def as_csv(read: Read, wanted: Filter) -> Iterator[str]:
    """RFC 4180 with a header, in UTF-8 with a byte order mark, which Excel wants."""
    cells = io.StringIO(newline="")
    table = csv.writer(cells)
    table.writerow(COLUMNS)
    yield "\ufeff"
    for call in _calls(read, wanted):
        table.writerow([guarded(call.get(name)) for name in COLUMNS])
        if cells.tell() > 65536:
            yield cells.getvalue()
            cells.seek(0)
            cells.truncate()
    yield cells.getvalue()


def as_json(read: Read, wanted: Filter) -> Iterator[str]:
    """One array of whole records."""
    start = "["
    for call in _calls(read, wanted):
        record = {key: value for key, value in call.items() if key not in ("key", "person_id")}
        yield f"{start}\n{json.dumps(record, ensure_ascii=False)}"
        start = ","
    yield "[]\n" if start == "[" else "\n]\n"


def exported(desk: Desk, form: str, wanted: Filter) -> Response:
    """The calls as a file, entered in the access log."""
    desk.log("exported", form=form)
    # Read while it is sent: who asks is known now, and not then.
    asking = user()

    def read(which: Filter, limit: int, before: int | None) -> Page:
        return desk.page(which, limit, before, asking=asking)

    parts = (as_csv if form == "csv" else as_json)(read, wanted)
    kind = "text/csv; charset=utf-8" if form == "csv" else "application/json"
    answer = Response(parts, content_type=kind)
    answer.headers["Content-Disposition"] = f"attachment; filename=tipring-calls.{form}"
    return answer
