"""Going through a volume's folders: every call that can still be told, and what is damaged of it.

Nothing is changed here, nothing foreign is touched and no symbolic link is followed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from firmware.archive.errors import SealedAway
from firmware.archive.layout import BEGUN, LATER, MARKS, NAMED, ROW, from_name, started
from firmware.archive.vault import Vault

NEEDED = {"id", "line", "sequence", "started_at"}
TORN = {
    MARKS: "what was marked of it (flag, hold, note)",
    LATER: "what was found out of it later",
}
OURS = re.compile(r"(\.json|\.flac|\.part\.wav|\.tmp|\.json\.damaged)$")


@dataclass(slots=True)
class Found:
    """A call that lies on a volume; `made_up`: its record was torn, this is what names tell."""

    record: dict[str, Any]
    sidecar: Path
    made_up: bool = False


@dataclass(frozen=True, slots=True)
class Filed:
    """A call by the names of its files; `marked`: something was marked or found out later."""

    id: str
    sidecar: Path
    marked: bool


class Folder:
    """One day's folder."""

    def __init__(self, path: Path, vault: Vault) -> None:
        self.path = path
        self.away = 0  # calls that are sealed and whose keys are not here
        self._vault = vault
        self._names: set[str] = set()
        self.foreign = 0
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.is_file(follow_symlinks=False) and OURS.search(entry.name):
                    self._names.add(entry.name)
                else:
                    self.foreign += 1

    def _bases(self) -> list[str]:
        """Names without endings, sorted."""
        found = set()
        for name in self._names:
            if name.endswith((MARKS, LATER, BEGUN, ROW)):
                continue
            base, _, ending = name.rpartition(".")
            if ending == "json" or (ending == "flac" and NAMED.fullmatch(base)):
                found.add(base)
        return sorted(found)

    def ids(self) -> list[str]:
        """The ids that the names tell."""
        return [base[-36:] for base in self._bases() if len(base) >= 36]

    def filed(self) -> Iterator[Filed]:
        """Those that have a record."""
        for base in self._bases():
            if f"{base}.json" in self._names and len(base) >= 36:
                marked = bool({base + LATER, base + MARKS} & self._names)
                yield Filed(base[-36:], self.path / f"{base}.json", marked)

    def calls(self, known: Mapping[str, object]) -> Iterator[Found]:
        """Those whose ids are not `known`."""
        for base in self._bases():
            if base[-36:] in known:
                continue
            sidecar = self.path / f"{base}.json"
            if not self._vault.has_key(sidecar):
                self.away += 1
                continue
            record = self._vault.read_json(sidecar) if sidecar.name in self._names else None
            if record is not None and record.keys() >= NEEDED and _sane(record):
                damage = [*self._damage(base, record), *self._torn(base)]
                yield Found({**record, "damage": damage} if damage else record, sidecar)
            elif made := self._made_up(base):
                yield Found(made, sidecar, made_up=True)

    def _made_up(self, base: str) -> dict[str, Any]:
        """What is left of a call whose record is torn or missing."""
        master = self.path / f"{base}.flac"
        record = from_name(master)
        if not record:
            return {}
        torn = f"{base}.json" in self._names
        words = "its record is damaged" if torn else "its record is missing"
        record |= {"line": "1", "kind": "call", "outcome": "unfinished", "answered": True}
        record |= {"audio": None, "duration_s": 0.0}
        damage = [{"code": "record", "words": words, "missing_s": 0.0}]
        if master.name in self._names and (frames := flac_frames(master, self._vault)):
            rate, count = frames
            place = "/".join([*self.path.parts[-3:], master.name])
            record |= {"audio": place, "rate": rate, "duration_s": round(count / rate, 3)}
            record |= {"frames_stored": count, "frames_expected": count}
        elif not torn:
            return {}
        record["damage"] = damage
        return record

    def _torn(self, base: str) -> Iterator[dict[str, Any]]:
        """What was written beside the record later and cannot be read."""
        for ending, words in TORN.items():
            if (
                base + ending in self._names
                and self._vault.read_json(self.path / f"{base}{ending}") is None
            ):
                yield {"code": "marks", "words": f"{words} cannot be read", "missing_s": 0.0}

    def _damage(self, base: str, record: dict[str, Any]) -> list[dict[str, Any]]:
        """Where the record and what lies beside it contradict each other."""
        if not record.get("audio"):
            return []
        later = self._vault.read_json(self.path / f"{base}{LATER}") or {}
        marks = self._vault.read_json(self.path / f"{base}{MARKS}") or {}
        facts = {**record, **later, **marks}
        if not facts.get("audio"):
            return []  # retention or the owner removed it
        expected = facts.get("frames_expected") or 0
        rate = facts.get("rate") or 8000
        master = self.path / str(facts["audio"]).rpartition("/")[2]
        if master.name not in self._names:
            words, missing = "its recording is missing", expected / rate
        elif (frames := flac_frames(master, self._vault)) is None:
            words, missing = "its recording cannot be opened", expected / rate
        elif expected and frames[1] != expected and not facts.get("audio_parts"):
            missing = max(0, expected - frames[1]) / rate
            told, has = expected / rate, frames[1] / rate
            words = f"its record tells of {told:.1f} s, its recording has {has:.1f} s"
        else:
            return []
        return [{"code": "audio", "words": words, "missing_s": round(missing, 1)}]


def _sane(record: dict[str, Any]) -> bool:
    """Whether the catalogue can take it; hostile or bent values are no record."""
    kinds = {"id": str, "line": str, "sequence": int, "started_at": str}
    if not all(type(record[key]) is kind for key, kind in kinds.items()):
        return False
    return 0 < record["sequence"] < 2**53 and started(record).year > 0


def flac_frames(path: Path, vault: Vault) -> tuple[int, int] | None:
    """Samples per second and samples, by the FLAC's own header; None where it is none.

    STREAMINFO (RFC 9639, section 8.2): the rate is bits 80-99, the samples are bits 108-143.
    """
    try:
        with vault.open(path) as file:
            head = file.read(42)
    except (OSError, SealedAway):
        return None
    if len(head) < 42 or head[:4] != b"fLaC" or head[4] & 0x7F:
        return None
    bits = int.from_bytes(head[8:42], "big")
    width = 34 * 8
    rate = bits >> (width - 100) & 0xFFFFF
    samples = bits >> (width - 144) & (1 << 36) - 1
    if not rate or not samples:
        return None
    return rate, samples


def survey(root: Path, vault: Vault, links: list[Path] | None = None) -> Iterator[Folder]:
    """Every day's folder, oldest first; folders that are no dates are not ours. `links` gets those
    that are symbolic links instead: what they lead to is not gone through."""
    links = [] if links is None else links
    for year in _dated(root, 4, links):
        for month in _dated(year, 2, links):
            for day in _dated(month, 2, links):
                try:
                    yield Folder(day, vault)
                except OSError:
                    continue  # pulled out meanwhile; it is looked at when it is back


def _dated(folder: Path, digits: int, links: list[Path]) -> list[Path]:
    found = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if not re.fullmatch(rf"\d{{{digits}}}", entry.name):
                    continue
                if entry.is_symlink():
                    links.append(Path(entry.path))
                elif entry.is_dir():
                    found.append(Path(entry.path))
    except OSError:
        return []
    return sorted(found)
