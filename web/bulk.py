"""Many calls at once: flag, hold, download as a zip, delete."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from firmware.archive.errors import ArchiveError, CallProtected, NoSuchCall
from firmware.archive.mp3 import forget
from firmware.archive.retention import OWNERS_WISH, let_go
from web.auth import View, proved, user
from web.desk import Desk

MOST = 500
BLOCK = 256 * 1024
# What the access log calls it.
MARKS = {"flag": "flagged", "unflag": "unflagged", "hold": "held", "release": "released"}


class _Pipe:
    """What a zip writes, handed on as it comes: nothing is kept on the medium or in memory."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        return

    def taken(self) -> bytes:
        data, self._parts = b"".join(self._parts), []
        return data


def zipped(calls: list[dict[str, Any]], open_master: Callable[[str], Any]) -> Iterator[bytes]:
    """A zip of masters and records, in parts; a master that has gone is left out."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED) as made:  # type: ignore[arg-type]
        for call in calls:
            base = f"{str(call.get('started_at'))[:10]}-{call['id']}"
            record = {key: value for key, value in call.items() if key != "key"}
            made.writestr(f"{base}.json", json.dumps(record, ensure_ascii=False, indent=1))
            if call.get("audio"):
                try:
                    master = open_master(call["id"])
                except (ArchiveError, OSError):
                    continue
                with master as file, made.open(f"{base}.flac", "w", force_zip64=True) as entry:
                    while block := file.read(BLOCK):
                        entry.write(block)
                        yield pipe.taken()
            yield pipe.taken()
    yield pipe.taken()


def chosen(desk: Desk, ids: Iterable[str]) -> list[dict[str, Any]]:
    """The calls with these ids that the user may see, each once; at most 500."""
    found = []
    for call_id in list(dict.fromkeys(ids))[:MOST]:
        try:
            found.append(desk.call(call_id))
        except NoSuchCall:
            continue  # deleted by somebody else meanwhile
    return found


def mark(desk: Desk, calls: list[dict[str, Any]], what: str) -> None:
    """Do one of `MARKS` to all of them. Raises KeyError for anything else."""
    entry, who = MARKS[what], user()
    for call in calls:
        if what in ("flag", "unflag"):
            desk.shelf.archive.flag(call["id"], what == "flag")
        else:
            desk.shelf.archive.hold(call["id"], what == "hold", who.name or who.id)
        desk.log(entry, call["id"])


def delete_audio(desk: Desk, call_id: str) -> None:
    """Delete a call's audio, as its owner wishes; the row stays.

    Raises CallProtected for a flagged or held call, NoSuchCall where there is no audio.
    """
    master = desk.shelf.archive.sound(call_id)
    let_go(desk.shelf.archive, call_id, OWNERS_WISH, datetime.now(UTC))
    desk.log("deleted", call_id)
    forget(master, desk.cache)
    desk.waves.forget(call_id)


def download(desk: Desk, calls: list[dict[str, Any]]) -> Response:
    """One zip of them, entered in the access log call by call."""
    for call in calls:
        desk.log("downloaded", call["id"], form="zip")
    parts = zipped(calls, lambda one: desk.shelf.archive.sound(one).open())
    answer = Response(parts, mimetype="application/zip")
    name = f"tipring-{datetime.now().astimezone():%Y-%m-%d-%H%M}.zip"
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    return answer


def blueprint(desk: Desk, limited: Callable[[View], View]) -> Blueprint:
    """One form sends the ids; what destroys is asked again, with the password."""
    pages = Blueprint("bulk", __name__, url_prefix="/calls")

    @pages.post("/many")
    def many() -> ResponseReturnValue:
        calls = chosen(desk, request.form.getlist("id"))
        what = request.form.get("do", "")
        if not calls:
            flash(_("No call was chosen."))
            return redirect(url_for("calls.index", select=1))
        if what == "delete":
            return confirm(calls)
        if what == "zip":
            return download(desk, calls)
        if what in ("bundle", "case"):
            there = "bundles.ask" if what == "bundle" else "cases.choose"
            return redirect(url_for(there, id=[one["id"] for one in calls]))
        if what not in MARKS:
            flash(_("Nothing was done."))
            return redirect(url_for("calls.index", select=1))
        mark(desk, calls, what)
        done = {
            "flag": ngettext("%(num)s call is flagged.", "%(num)s calls are flagged.", len(calls)),
            "unflag": ngettext(
                "%(num)s call has no flag now.", "%(num)s calls have no flag now.", len(calls)
            ),
            "hold": ngettext("%(num)s call is held.", "%(num)s calls are held.", len(calls)),
            "release": ngettext(
                "%(num)s call is not held any more.",
                "%(num)s calls are not held any more.",
                len(calls),
            ),
        }
        flash(done[what])
        return redirect(url_for("calls.index"))

    def confirm(calls: list[dict[str, Any]], code: int = 200) -> ResponseReturnValue:
        goes = [one for one in calls if one.get("audio") and not _kept(one)]
        page = render_template(
            "delete.html",
            goes=goes,
            kept=[one for one in calls if _kept(one)],
            known=proved(desk.users),
        )
        return page, code

    def _kept(call: dict[str, Any]) -> bool:
        return bool(call.get("flagged") or call.get("held"))

    @pages.post("/delete")
    @limited
    def delete() -> ResponseReturnValue:
        calls = chosen(desk, request.form.getlist("id"))
        if not proved(desk.users, request.form.get("password")):
            flash(_("That is not the password. Nothing was deleted."))
            return confirm(calls, 403)
        done = 0
        for call in calls:
            try:
                delete_audio(desk, call["id"])
                done += 1
            except (CallProtected, NoSuchCall):
                continue  # said on the page before: it stays, or had no audio
        flash(
            ngettext(
                "The audio of %(num)s call is deleted; its row stays.",
                "The audio of %(num)s calls is deleted; their rows stay.",
                done,
            )
        )
        return redirect(url_for("calls.index"))

    return pages
