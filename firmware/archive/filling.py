"""Filling the catalogue from what lies on the volumes: the records, and what was marked since."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from firmware.archive.catalogue import Catalogue
from firmware.archive.files import locked
from firmware.archive.survey import Filed, Folder, Found, survey
from firmware.archive.vault import Vault
from firmware.archive.volume import HOME, known_root

AT_ONCE = 100  # calls entered in one step when the catalogue is filled
LOCK = ".marks.lock"


class Filling(ABC):
    """How an archive's catalogue is filled; every method may raise ArchiveError.

    `away`: calls that were found and whose keys are not on this box; `put_right`: calls that were
    entered already, whose flags, notes or place the catalogue did not know. `links`: folders that
    are symbolic links; `foreign`: files in the folders of calls that are none of ours.
    """

    root: Path
    vault: Vault
    away: int
    put_right: int
    links: tuple[Path, ...]
    foreign: int

    @property
    @abstractmethod
    def _catalogue(self) -> Catalogue: ...

    @abstractmethod
    def put(self, record: dict[str, Any], sidecar: Path, volume: str = HOME) -> None:
        """Enter a record with what was found out later and what the owner marked."""

    @abstractmethod
    def last_sequence(self, line: str) -> int:
        """The highest sequence number of the line that was ever given."""

    @abstractmethod
    def _entry(
        self, record: dict[str, Any], sidecar: Path, volume: str
    ) -> tuple[dict[str, Any], str]: ...

    @abstractmethod
    def _count(self, record: dict[str, Any]) -> None: ...

    def enter_missing(
        self,
        volumes: dict[str, Path] | None = None,
        done: Callable[[Found], None] = lambda _found: None,
        thorough: bool = False,
        skip: Iterable[str] = (),
    ) -> list[Found]:
        """Enter every record that is on a volume and not in the catalogue; those entered.

        `thorough`: look at the audio of those that are entered, too. `skip`: ids of calls that are
        not complete yet.
        """
        left_out = dict.fromkeys(skip, True)
        entered, away, foreign = [], 0, 0
        links: list[Path] = []
        self.put_right = 0
        for volume, root in (volumes or {HOME: self.root}).items():
            new: list[Found] = []
            for folder in survey(root, self.vault, links):
                there = self._catalogue.places(folder.ids())
                known = {} if thorough else there
                for found in folder.calls({**known, **left_out}):
                    if not found.made_up and found.record["id"] not in there:
                        new.append(found)
                    elif self._enter_found(found, root, volume):
                        entered.append(found)
                        done(found)
                self._put_right(folder, there, left_out, volume)
                if len(new) >= AT_ONCE:
                    entered += self._enter_new(new, volume, done)
                away += folder.away
                foreign += folder.foreign
            entered += self._enter_new(new, volume, done)
        self.away, self.foreign, self.links = away, foreign, tuple(links)
        return entered

    def _enter_new(
        self, new: list[Found], volume: str, done: Callable[[Found], None]
    ) -> list[Found]:
        """Enter calls that nobody can have marked yet, all in one step: one by one takes longer."""
        taken = list(new)
        new.clear()
        if taken:
            entries = [self._entry(one.record, one.sidecar, volume) for one in taken]
            self._catalogue.put_all(entries)
            by_number = sorted((one.record for one in taken), key=lambda one: int(one["sequence"]))
            for record in {str(one["line"]): one for one in by_number}.values():
                self._count(record)
        for one in taken:
            done(one)
        return taken

    def _enter_found(self, found: Found, root: Path, volume: str) -> bool:
        call_id = str(found.record["id"])
        already = self._catalogue.get(call_id)
        if found.made_up and already is not None:
            found.record = {**already[0], "damage": found.record["damage"]}
        if already is not None and not found.record.get("damage"):
            return False
        if found.made_up and "sequence" not in found.record:
            line = str(found.record["line"])
            found.record["sequence"] = self.last_sequence(line) + 1
        self.put(found.record, found.sidecar, volume)
        self._count(found.record)
        return True

    def _put_right(
        self, folder: Folder, there: dict[str, str], left_out: dict[str, bool], volume: str
    ) -> None:
        """A catalogue that lost what was written last still lacks flags, notes and holds, which lie
        beside the recordings; and a call may lie on another medium now than it says."""
        gone = {place for place in map(_volume_of, there.values()) if not self._is_here(place)}
        for filed in folder.filed():
            if filed.id not in there or filed.id in left_out:
                continue
            moved = _volume_of(there[filed.id]) in gone
            if moved or filed.marked:
                with locked(self.root / LOCK):  # nobody marks it meanwhile
                    self.put_right += self._put_one_right(filed, volume, moved)

    def _put_one_right(self, filed: Filed, volume: str, moved: bool) -> bool:
        already = self._catalogue.get(filed.id)
        if already is None:
            return False
        record = {key: value for key, value in already[0].items() if key != "volume"}
        entry = self._entry(record, filed.sidecar, volume)
        if entry == already or (entry[1] != already[1] and not moved):
            return False
        self._catalogue.put(*entry)
        return True

    def _is_here(self, volume: str) -> bool:
        return known_root(self.root, volume) is not None


def _volume_of(place: str) -> str:
    return place.rpartition(":")[0]
