"""Recovery: what a crash, a power cut or a bad medium left is closed, entered and told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from firmware.archive.archive import Archive
from firmware.archive.catalogue import CatalogueCorrupt
from firmware.archive.errors import ArchiveError, NoSuchCall
from firmware.archive.files import storing
from firmware.archive.finisher import Finisher, Listen, nobody
from firmware.archive.join import join
from firmware.archive.layout import BEGUN, PART, beside
from firmware.archive.leftovers import LeftCall, left_calls, left_rows
from firmware.archive.survey import Found
from firmware.archive.volume import Volumes


@dataclass(slots=True)
class Report:
    """What recovery found and did."""

    closed: list[dict[str, Any]] = field(default_factory=list)
    entered: int = 0
    put_right: int = 0
    damaged: int = 0
    missing_s: float = 0.0
    foreign: int = 0
    set_aside: str | None = None
    trouble: list[str] = field(default_factory=list)

    def note(self, record: dict[str, Any]) -> None:
        """Count a call's damage."""
        if damage := record.get("damage"):
            self.damaged += 1
            self.missing_s += sum(float(one.get("missing_s") or 0) for one in damage)

    @property
    def bad(self) -> bool:
        """Whether the owner must know."""
        return bool(self.damaged or self.set_aside or self.trouble)

    def words(self) -> str:
        """For the alarm, the log and the command line."""
        said = []
        if self.set_aside:
            said.append(f"the list of calls was damaged and made anew ({self.set_aside})")
        unfinished = sum(one.get("outcome") == "unfinished" for one in self.closed)
        if unfinished:
            said.append(f"{_calls(unfinished)} cut off and kept as far as it was recorded")
        if whole := len(self.closed) - unfinished:
            said.append(f"{_calls(whole)} completed")
        if self.entered:
            said.append(f"{_calls(self.entered)} entered again from the records")
        if self.put_right:
            said.append(f"flags, notes or place of {_calls(self.put_right)} put right in the list")
        if self.damaged:
            said.append(f"{_calls(self.damaged)} damaged, {self.missing_s:.0f} s missing")
        if self.foreign:
            said.append(f"{_files(self.foreign)} not Tipring's left alone in the folders of calls")
        said += self.trouble
        return "; ".join(said) or "nothing was left to be recovered"


def _calls(count: int) -> str:
    return "1 call" if count == 1 else f"{count} calls"


def _files(count: int) -> str:
    return "1 file that is" if count == 1 else f"{count} files that are"


def close_left(
    archive: Archive,
    volumes: Volumes,
    left: LeftCall,
    report: Report,
    listen: Listen = nobody,
) -> None:
    """Complete one call that was left; what cannot be completed now stays and is told.

    Raises CatalogueCorrupt, as the other steps do: whoever recovers makes a new one and goes on.
    """
    record = left.record()
    try:
        known: dict[str, Any] | None
        try:
            known = archive.get(str(record["id"]))
        except NoSuchCall:
            known = None
        if known is not None and (known.get("private") or known.get("refused")):
            _erase(left)
            return
        unreadable = [part for part in left.parts if part.unreadable]
        report.trouble += [
            f"{part.base.name}{PART} cannot be read ({part.unreadable}). It stays where it is."
            for part in unreadable
        ]
        if unreadable and not left.facts():
            return
        if known is not None and not known.get("encoding"):
            report.closed.append(join(archive, volumes, known, left))
            return
        if "sequence" not in record:
            record["sequence"] = archive.last_sequence(str(record["line"])) + 1
        made = Finisher(archive, volumes, listen).complete(record, left.bases)
    except CatalogueCorrupt:
        raise
    except ArchiveError as error:
        report.trouble.append(str(error))
        return
    report.closed.append(made)
    report.note(made)


def _erase(left: LeftCall) -> None:
    """The call was made private, or was not to be recorded, while its medium was out."""
    for base in (part.base for part in left.parts):
        with storing(base):
            beside(base, PART).unlink(missing_ok=True)
            beside(base, BEGUN).unlink(missing_ok=True)


def enter_row(archive: Archive, waiting: Path, report: Report) -> None:
    """Enter a row that a crash kept from its place."""
    record = archive.vault.read_json(waiting)
    try:
        if record is None or not {"id", "line", "sequence"} <= record.keys():
            aside = waiting.with_name(waiting.name + ".damaged")
            with storing(waiting):
                waiting.rename(aside)
            report.trouble.append(f"the record {aside.name} cannot be read; it was kept")
            return
        if _is_stored(archive, str(record["id"])):
            with storing(waiting):
                waiting.unlink()
            return
        archive.enter_row(waiting, record)
        report.closed.append(record)
    except CatalogueCorrupt:
        raise
    except ArchiveError as error:
        report.trouble.append(str(error))


def _is_stored(archive: Archive, call_id: str) -> bool:
    """Whether the call has a record already; the row was for the case that it gets none."""
    try:
        return bool(archive.get(call_id).get("audio"))
    except NoSuchCall:
        return False


def rebuild(
    archive: Archive,
    volumes: Volumes,
    report: Report,
    thorough: bool = False,
    done: Callable[[Found], None] = lambda _found: None,
    skip: Iterable[LeftCall] = (),
) -> None:
    """Enter every record of every volume that is here and not in the catalogue."""
    roots = {volume.id: volume.root for volume in volumes.here()}
    try:
        found = archive.enter_missing(roots, done, thorough, [one.id for one in skip])
    except CatalogueCorrupt:
        raise
    except ArchiveError as error:
        report.trouble.append(str(error))
        return
    archive.filled()
    report.entered += len(found)
    report.put_right += archive.put_right
    report.foreign += archive.foreign
    report.trouble += [
        f"{link} is a symbolic link and was not followed: calls behind it are not listed. Put the"
        " folder itself there"
        for link in archive.links
    ]
    if archive.away:
        report.trouble.append(
            f"{_calls(archive.away)} encrypted with keys that are not on this box: put its keys"
            " back from the backup"
        )
    for one in found:
        report.note(one.record)


def recover(archive: Archive, volumes: Volumes | None = None, thorough: bool = False) -> Report:
    """All of it at once; `thorough`: compare every record of the archive with its recording."""
    volumes = volumes or Volumes(archive.root, vault=archive.vault)
    try:
        return _recovered(archive, volumes, thorough)
    except CatalogueCorrupt:
        archive.renew()  # it could be opened, and turned out to be damaged further in
        return _recovered(archive, volumes, thorough)


def _recovered(archive: Archive, volumes: Volumes, thorough: bool) -> Report:
    report = Report(set_aside=archive.set_aside)
    calls = left_calls(volumes)
    if archive.fresh or thorough:
        rebuild(archive, volumes, report, thorough, skip=calls)
    for waiting in left_rows(volumes):
        enter_row(archive, waiting, report)
    for left in calls:
        close_left(archive, volumes, left, report)
    return report
