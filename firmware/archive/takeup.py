"""What a crash, a power cut or a pulled medium left is taken up beside the recording.

Everything here is the work of a lane; what it found is told. See `firmware.archive.recovery` for
the steps themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from firmware.archive.archive import Archive
from firmware.archive.catalogue import CatalogueCorrupt
from firmware.archive.errors import ArchiveError
from firmware.archive.finisher import Listen
from firmware.archive.lane import Lane
from firmware.archive.leftovers import LeftCall, left_calls, left_rows
from firmware.archive.recovery import Report, close_left, enter_row, rebuild
from firmware.archive.told import Entered, Inbox, Trouble
from firmware.archive.volume import Volume, Volumes

CORRECTED = 1000  # calls of one run of the machine, before its clock was set


class TakeUp:
    """`running` tells whether a call is being recorded or completed now; long work has the lane
    `checker`, so that calls go on being entered meanwhile."""

    def __init__(
        self,
        archive: Archive,
        volumes: Volumes,
        told: Inbox,
        checker: Lane,
        running: Callable[[LeftCall], bool],
        listen: Listen,
    ) -> None:
        self._archive = archive
        self._volumes = volumes
        self._told = told
        self._checker = checker
        self._running = running
        self._listen = listen
        self._put_off: dict[str, Volume] = {}  # what lies on them belongs to a call that runs

    def recover(self, calls: list[LeftCall]) -> None:
        """Enter the rows that wait, and complete these calls."""
        try:
            self._recovered(calls)
        except CatalogueCorrupt:
            self.renew()
            self._recovered(calls)

    def _recovered(self, calls: list[LeftCall]) -> None:
        archive = self._archive
        report = Report(set_aside=archive.set_aside)
        if archive.fresh:
            archive.filling()
            self._checker.submit(self._fill)  # may take long
        for waiting in left_rows(self._volumes):
            enter_row(archive, waiting, report)
        for left in calls:
            close_left(archive, self._volumes, left, report, self._listen)
        self._tell(report)

    def check(self) -> None:
        """Compare all records with the catalogue, beside everything else; a damaged one is made
        anew. A medium that lied about its syncs shows so: what it still has is entered again."""
        self._checker.submit(self._check)

    def _check(self) -> None:
        report = Report()
        try:
            if self._archive.check() is not None:
                self._archive.renew()
                report.set_aside = self._archive.set_aside
            self._rebuild(report)
        except ArchiveError:
            return  # whoever enters the next call hears of it, and tells it
        self._tell(report, rebuilt=True)

    def _fill(self) -> None:
        """The catalogue is new: every record that is on a medium is entered."""
        report = Report()
        try:
            self._rebuild(report)
        except CatalogueCorrupt:
            self.renew()
        self._tell(report, rebuilt=True)

    def renew(self) -> None:
        """The catalogue turned out to be damaged: a new one, filled."""
        report = Report()
        self._archive.renew()
        report.set_aside = self._archive.set_aside
        self._rebuild(report)
        self._told.put(Trouble("recovered", report.words() + "."))

    def _rebuild(self, report: Report) -> None:
        """Calls that are not complete yet are left out: what of them lies in its place is entered
        later."""
        unfinished = left_calls(self._volumes)
        rebuild(self._archive, self._volumes, report, skip=unfinished)

    def take_up(self, volume: Volume) -> None:
        """A medium has come: complete and enter what lies on it."""
        self._take_up(volume, has_come=True)

    def look_again(self, volume: Volume) -> None:
        """A medium that is here had failed: complete what was left on it. A full one fails every
        half minute, so its records are not gone through."""
        self._take_up(volume, has_come=False)

    def _take_up(self, volume: Volume, has_come: bool) -> None:
        try:
            self._taken_up(volume, has_come)
        except CatalogueCorrupt:
            self.renew()
            self._taken_up(volume, has_come)

    def _taken_up(self, volume: Volume, has_come: bool) -> None:
        report = Report()
        for left in left_calls(self._volumes):
            if all(part.volume != volume.id for part in left.parts):
                continue
            if self._running(left):
                self._put_off[volume.id] = volume
            else:
                close_left(self._archive, self._volumes, left, report, self._listen)
        if has_come:
            self._enter(volume, report)
        self._tell(report, f"{volume.name}: ")

    def _enter(self, volume: Volume, report: Report) -> None:
        try:
            found = self._archive.enter_missing({volume.id: volume.root})
        except CatalogueCorrupt:
            raise
        except ArchiveError as error:
            report.trouble.append(str(error))
            return
        report.entered, report.put_right = len(found), self._archive.put_right
        for one in found:
            report.note(one.record)

    def put_off(self) -> list[Volume]:
        """Media to be taken up once more, now that a call is entered."""
        found = []
        while self._put_off:
            found.append(self._put_off.popitem()[1])
        return found

    def correct(self, better: Callable[[dict[str, Any]], dict[str, Any] | None]) -> None:
        """Put what is known better now beside the start times of the newest calls."""
        for call in self._archive.calls(limit=CORRECTED):
            facts = better(call)
            if facts is not None and not call.get("corrected"):
                self._archive.add_later(str(call["id"]), corrected=facts)

    def _tell(self, report: Report, where: str = "", rebuilt: bool = False) -> None:
        for record in report.closed:
            self._told.put(Entered(record))
        if report.bad or (rebuilt and (report.entered or report.put_right)):
            self._told.put(Trouble("recovered", f"{where}{report.words()}."))
