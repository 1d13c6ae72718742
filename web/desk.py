"""What every page works with: archive, contacts, waveforms, access log, users and settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flask import request

from firmware.archive.errors import ArchiveError, NoSuchCall
from firmware.archive.people import People
from firmware.archive.search import Counts, Filter, Page, caller_of
from firmware.archive.waveform import Waveforms, thinned
from firmware.evidence.errors import EvidenceError
from web.access import AccessLog
from web.auth import user
from web.configured import Configured
from web.evidence_seals import Seals
from web.evidence_words import history
from web.evidence_works import Works
from web.prepare import Preparer
from web.settings import Settings
from web.shelf import Shelf
from web.users import User, Users
from web.witness import Witness

THUMBNAIL = 48


@dataclass(frozen=True, slots=True)
class Desk:
    """Made once, by `create_app`."""

    shelf: Shelf
    people: People
    waves: Waveforms
    access: AccessLog
    users: Users
    settings: Settings
    preparer: Preparer
    copies: Callable[[], Path]
    root: Path
    configured: Configured
    witness: Witness
    seals: Seals
    works: Works

    @property
    def cache(self) -> Path:
        """Where MP3 copies lie now: in memory from the first encrypted call on."""
        return self.copies()

    def named(self, calls: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """The calls with the names of the owner's contacts."""
        known = self.people.by_caller()
        found = []
        for call in calls:
            caller = caller_of(call.get("number"))
            if caller and (person := known.get(caller)) is not None:
                call = {**call, "contact": person.name, "person_id": person.id}
            found.append(call)
        return found

    def call(self, call_id: str) -> dict[str, Any]:
        """A call that this user may see; for him there is no other. Raises NoSuchCall."""
        found = self.shelf.archive.get(call_id)
        if not user().may_see(found, caller_of(found.get("number"))):
            raise NoSuchCall(f"No call has the id {call_id!r}.")
        return self.named([found])[0]

    def page(
        self,
        wanted: Filter,
        limit: int,
        before: int | None = None,
        after: int | None = None,
        asking: User | None = None,
    ) -> Page:
        """The calls of a page, without those that this user (or `asking`) may not see."""
        asking = asking or user()
        if asking.callers:
            both = set(wanted.callers or asking.callers) & set(asking.callers)
            wanted = replace(wanted, callers=tuple(both) or ("-",))
        found = self.shelf.archive.page(wanted, limit, before, after)
        seen = [one for one in found.calls if asking.may_see(one, caller_of(one.get("number")))]
        return Page(self.named(seen), found.older, found.newer)

    def counts(self, *callers: str) -> Counts:
        """How many calls these callers have; what the user may not see is not counted."""
        asking = user()
        seen = [one for one in callers if not asking.callers or one in asking.callers]
        counts = self.shelf.archive.counts(*seen)
        if asking.role == "owner":
            return counts
        for call in self.shelf.archive.claimed():
            caller = caller_of(call.get("number"))
            if caller in seen and not asking.may_see(call, caller):
                came = call.get("direction") == "incoming"
                counts = replace(
                    counts,
                    calls=counts.calls - 1,
                    incoming=counts.incoming - came,
                    outgoing=counts.outgoing - (call.get("direction") == "outgoing"),
                    missed=counts.missed - (came and not call.get("answered")),
                )
        return counts

    def thumbnails(self, calls: Iterable[dict[str, Any]]) -> dict[str, bytes]:
        """Small waveforms of these calls; those that are missing are made meanwhile."""
        ids = {one["id"]: one for one in calls if one.get("audio")}
        try:
            known = self.waves.known(ids)
        except ArchiveError:
            return {}  # a list without pictures is still a list
        for call_id in ids.keys() - known.keys():
            self.preparer.wave(call_id)
        return {call_id: thinned(peaks, THUMBNAIL) for call_id, peaks in known.items()}

    def peaks(self, call: dict[str, Any]) -> bytes:
        """The waveform of a call, b"" where it has none yet."""
        try:
            found = self.waves.known([call["id"]]).get(call["id"], b"")
        except ArchiveError:
            return b""  # a call without its picture can still be heard
        if not found and call.get("audio"):
            self.preparer.wave(call["id"])
        return found

    def next_unheard(self, call_id: str) -> str | None:
        """The id of the call to play after this one, past those that this user may not see."""
        following, hidden = self.shelf.archive.next_unheard(call_id), set[str]()
        while following and following != call_id and following not in hidden:
            try:
                return str(self.call(following)["id"])
            except NoSuchCall:
                hidden.add(following)
                following = self.shelf.archive.next_unheard(following)
        return None

    def done_with(self, call_id: str) -> list[dict[str, Any]]:
        """What the signed log holds of a call, newest first; nothing where it cannot be read."""
        try:
            return history(self.witness.evidence().history(call_id))
        except (EvidenceError, ArchiveError, OSError):
            return []  # the mark beside the call says that the log cannot be read

    def log(self, what: str, call_id: str = "", **more: Any) -> None:
        """Enter into the access log what this user does."""
        asking = user()
        self.access.entry(
            what, asking.name or asking.id, call_id, address=request.remote_addr, **more
        )
