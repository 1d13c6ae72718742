"""The archive: what the recorder fills and everyone else reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from firmware.archive.catalogue import Catalogue
from firmware.archive.errors import ArchiveError, NoSuchCall
from firmware.archive.files import locked, read_json, storing, sync_folder, write_json
from firmware.archive.filling import LOCK, Filling
from firmware.archive.identity import uuid7
from firmware.archive.index import Index
from firmware.archive.layout import (
    LATER,
    MARKS,
    OPEN,
    ROW,
    base_of,
    beside,
    name_of,
)
from firmware.archive.marks import MARKED, Marks
from firmware.archive.search import Counts, Filter, Page, Sounding
from firmware.archive.sound import Sound
from firmware.archive.vault import Vault
from firmware.archive.volume import HOME, known_name, known_root

COUNTERS = "sequence.json"
OF_THE_LIST = ("volume", "sequence", "sequence_on_record")  # what the catalogue adds to a record


class Archive(Marks, Filling):
    """The catalogue in `root`, and the records on whatever volume they lie.

    A damaged catalogue is set aside and a new one made. With `rebuild` it is filled again from the
    records at once; the recorder does that beside its work (see `firmware.archive.recovery`).
    `vault`: how calls are kept; where some are sealed the catalogue lies in memory, and begins
    empty with the box. `patient`: a catalogue that cannot be opened now is tried again at each use.
    """

    def __init__(
        self,
        root: Path,
        rebuild: bool = True,
        patient: bool = False,
        vault: Vault | None = None,
    ) -> None:
        self.root = root
        self.vault = vault or Vault()
        self.away = self.put_right = self.foreign = 0
        self.links = ()
        self._index = Index(root, self.vault)
        try:
            self._index.open()
        except ArchiveError:
            if not patient:
                raise
            return  # whoever uses it hears why
        if self.set_aside and rebuild:
            self.enter_missing()

    @property
    def _catalogue(self) -> Catalogue:
        return self._index.catalogue

    @property
    def set_aside(self) -> str | None:
        """What was wrong with a catalogue, and where it was kept; None: nothing was."""
        return self._index.set_aside

    @property
    def fresh(self) -> bool:
        """Whether the catalogue is to be filled from the records."""
        return self._index.fresh

    def filling(self) -> None:
        """Somebody fills it now."""
        self._index.fresh = False

    def filled(self) -> None:
        """Every record was entered: the catalogue in memory need not be filled again."""
        self._index.filled()

    def check(self) -> str | None:
        """Look at the whole catalogue; what is wrong with it, or None. Slow when it is long."""
        return self._index.check()

    def renew(self) -> None:
        """Set the catalogue aside and begin a new one; `enter_missing` fills it."""
        self._index.renew()

    def add_row(self, record: dict[str, Any]) -> dict[str, Any]:
        """Enter a call without audio."""
        if "id" not in record:
            record = {**record, "id": uuid7()}
        if "sequence" not in record:
            record = {**record, "sequence": self.last_sequence(str(record["line"])) + 1}
        record = self.vault.marked({**record, "audio": None})
        self.vault.prepare(record, sound=False)
        folder = self.root / OPEN
        with storing(folder):
            folder.mkdir(exist_ok=True)
        waiting = folder / (name_of(record) + ROW)
        self.vault.write_json(waiting, record)
        self.enter_row(waiting, record)
        return record

    def enter_row(self, waiting: Path, record: dict[str, Any]) -> None:
        """Enter what waits in `open/`, and only then put it in its place: a crash repeats this."""
        sidecar = beside(base_of(self.root, record), ".json")
        self.put(record, sidecar)
        with storing(sidecar):
            sidecar.parent.mkdir(parents=True, exist_ok=True)
            waiting.rename(sidecar)
            sync_folder(sidecar.parent)
        self._count(record)

    def enter(self, record: dict[str, Any], base: Path, volume: str = HOME) -> None:
        """Write the record beside the recording and enter it; `base`: without an ending."""
        sidecar = beside(base, ".json")
        self.vault.write_json(sidecar, record)
        self.put(record, sidecar, volume)
        self._count(record)

    def put(self, record: dict[str, Any], sidecar: Path, volume: str = HOME) -> None:
        """Enter a record with what was found out later and what the owner marked."""
        self._catalogue.put(*self._entry(record, sidecar, volume))

    def _entry(
        self, record: dict[str, Any], sidecar: Path, volume: str
    ) -> tuple[dict[str, Any], str]:
        root = self._root_of(volume)
        name = str(sidecar.relative_to(root))
        base = sidecar.with_name(sidecar.name.removesuffix(".json"))
        later = self.vault.read_json(beside(base, LATER)) or {}
        marks = self.vault.read_json(beside(base, MARKS)) or {}
        if volume != HOME:
            record = {**record, "volume": volume}
            name = f"{volume}:{name}"
        return {**record, **later, **marks}, name

    def add_later(self, call_id: str, **facts: Any) -> None:
        """Keep what was found out later, beside the record and never over it."""
        with locked(self.root / LOCK):
            record, sidecar = self._found(call_id)
            base = sidecar.with_name(sidecar.name.removesuffix(".json"))
            path = beside(base, LATER)
            with storing(path):
                path.parent.mkdir(parents=True, exist_ok=True)
            self.vault.write_json(path, {**self._kept(path, record, sidecar), **facts})
            self.put({**record, **facts}, sidecar, str(record.get("volume") or HOME))

    def _kept(self, path: Path, record: dict[str, Any], sidecar: Path) -> dict[str, Any]:
        """What a file beside the record holds. A torn one is put aside, and what the catalogue
        knows of it, in `record`, is taken instead."""
        kept = self.vault.read_json(path)
        if kept is not None or not path.exists() or not self.vault.has_key(path):
            return kept or {}
        with storing(path):
            path.rename(path.with_name(path.name + ".damaged"))
        if path.name.endswith(MARKS):
            return {key: record[key] for key in MARKED if key in record}
        written = self.vault.read_json(sidecar) or record
        known = {key: value for key, value in record.items() if written.get(key, record) != value}
        return {key: known[key] for key in known.keys() - {*MARKED, *OF_THE_LIST}}

    def _count(self, record: dict[str, Any]) -> None:
        """Remember the last sequence number outside the catalogue too.

        Not synced, but where the catalogue lies in memory: it may lag, and a number that is given
        twice is put right by the catalogue.
        """
        line, sequence = str(record["line"]), int(record["sequence"])
        path = self.root / COUNTERS
        counters = read_json(path) or {}
        if sequence > int(counters.get(line, 0)):
            write_json(path, {**counters, line: sequence}, synced=self.vault.private)

    def last_sequence(self, line: str) -> int:
        """The highest sequence number of the line that was ever given; 0 where there is none."""
        return max(self._catalogue.last_sequence(line), self.counted(line))

    def counted(self, line: str) -> int:
        """The last sequence number by the file beside the catalogue, which may lag."""
        counted = (read_json(self.root / COUNTERS) or {}).get(line, 0)
        return counted if type(counted) is int else 0

    def _root_of(self, volume: str) -> Path:
        root = known_root(self.root, volume)
        if root is None:
            name = known_name(self.root, volume)
            raise ArchiveError(
                f"This call is on {name}, which is not here now. Plug it in again to hear the call"
                " or to change its marks."
            )
        return root

    def calls(self, limit: int = 50, before: int | None = None) -> list[dict[str, Any]]:
        """A page of calls, newest first; `before` is the last sequence number already seen."""
        return self._catalogue.calls(limit, before)

    def page(
        self,
        wanted: Filter,
        limit: int = 50,
        before: int | None = None,
        after: int | None = None,
    ) -> Page:
        """The calls that fit, newest first, each with the `key` that pages go on from."""
        return self._catalogue.page(wanted, limit, before, after)

    def counts(self, *callers: str) -> Counts:
        """How many calls these callers (see `search.caller_of`) have together."""
        return self._catalogue.counts(callers)

    def sounding(self) -> list[Sounding]:
        """Every call that has audio, in the order in which they came, without its record."""
        return self._catalogue.sounding()

    def next_unheard(self, call_id: str) -> str | None:
        """The id of the next call that was never played."""
        return self._catalogue.next_unheard(call_id)

    def get(self, call_id: str) -> dict[str, Any]:
        """One call. Raises NoSuchCall."""
        found = self._catalogue.get(call_id)
        if found is None:
            raise NoSuchCall(f"No call has the id {call_id!r}.")
        return found[0]

    def _found(self, call_id: str) -> tuple[dict[str, Any], Path]:
        found = self._catalogue.get(call_id)
        if found is None:
            raise NoSuchCall(f"No call has the id {call_id!r}.")
        volume, _, path = found[1].rpartition(":")
        return found[0], self._root_of(volume) / path

    def audio_path(self, call_id: str) -> Path:
        """Where the FLAC master lies, sealed or not. Raises NoSuchCall where there is none."""
        record = self.get(call_id)
        path = self._root_of(str(record.get("volume") or HOME)) / str(record.get("audio") or "")
        if not record.get("audio") or not path.is_file():
            raise NoSuchCall(f"The call {call_id} has no audio.")
        return path

    def sound(self, call_id: str) -> Sound:
        """The call's sound, however it is stored. Raises NoSuchCall where it has none."""
        return Sound(self.audio_path(call_id), self.vault)

    def sidecar_path(self, call_id: str) -> Path:
        """The record beside the recording, as it was written. Raises NoSuchCall."""
        return self._found(call_id)[1]

    def forget(self, call_id: str) -> None:
        """Take a call out of the catalogue; its files are the caller's business."""
        self._catalogue.remove(call_id)

    def asked_to_stop(self) -> list[dict[str, Any]]:
        """The calls with that mark, newest first."""
        return self._catalogue.marked("asked_to_stop")

    def claimed(self) -> list[dict[str, Any]]:
        """The calls that somebody keeps to himself, newest first."""
        return self._catalogue.marked("only_for")

    def _mark(self, call_id: str, **marks: Any) -> None:
        with locked(self.root / LOCK):
            record, sidecar = self._found(call_id)
            path = sidecar.with_name(sidecar.stem + MARKS)
            with storing(path):
                path.parent.mkdir(parents=True, exist_ok=True)
            self.vault.write_json(path, {**self._kept(path, record, sidecar), **marks})
            self.put({**record, **marks}, sidecar, str(record.get("volume") or HOME))
