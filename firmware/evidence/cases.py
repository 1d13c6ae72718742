"""Case folders: several calls, notes, one bundle. One small file each, beside the log."""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from firmware.evidence.bundle.exhibit import Case
from firmware.evidence.errors import EvidenceError


class NoSuchCase(EvidenceError):
    """No case folder has this id, or its file is damaged."""


@dataclass(slots=True)
class CaseFolder:
    """`notes`: the owner's lines; `calls`: ids, in the order they were put in."""

    id: str
    title: str
    notes: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    def for_bundle(self) -> Case:
        """What its cover sheet says."""
        return Case(self.title, list(self.notes))


class Cases:
    """The case folders kept in `folder`. Of two changes at once, neither is lost."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def _changing(self, case_id: str) -> Iterator[CaseFolder]:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self._folder / ".lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            case = self.get(case_id)
            yield case
            self._keep(case)

    def open(self, title: str) -> CaseFolder:
        """A new, empty case folder. Raises ValueError without a title."""
        if not title.strip():
            raise ValueError("A case needs a title.")
        made = CaseFolder(secrets.token_hex(4), title.strip())
        self._keep(made)
        return made

    def get(self, case_id: str) -> CaseFolder:
        """One case folder. Raises NoSuchCase."""
        if re.fullmatch(r"[0-9a-f]{8}", case_id) is None:
            raise NoSuchCase(f"No case has the id {case_id!r}.")
        try:
            facts = json.loads((self._folder / f"{case_id}.json").read_text("utf-8"))
            return CaseFolder(**facts)
        except FileNotFoundError as error:
            raise NoSuchCase(f"No case has the id {case_id!r}.") from error
        except (OSError, ValueError, TypeError) as error:
            raise NoSuchCase(f"The case {case_id} cannot be read: {error}") from error

    def all(self) -> list[CaseFolder]:
        """Every case folder, by title."""
        if not self._folder.is_dir():
            return []
        found = [self.get(path.stem) for path in self._folder.glob("*.json")]
        return sorted(found, key=lambda case: case.title.casefold())

    def put(self, case_id: str, *calls: str) -> CaseFolder:
        """Put calls into a case; one that is in it stays where it is. Raises NoSuchCase."""
        with self._changing(case_id) as case:
            case.calls = list(dict.fromkeys([*case.calls, *calls]))
        return case

    def take(self, case_id: str, call: str) -> CaseFolder:
        """Take a call out of a case; the call itself stays. Raises NoSuchCase."""
        with self._changing(case_id) as case:
            case.calls = [one for one in case.calls if one != call]
        return case

    def note(self, case_id: str, text: str) -> CaseFolder:
        """Add a note. Raises NoSuchCase."""
        with self._changing(case_id) as case:
            case.notes.append(text)
        return case

    def rename(self, case_id: str, title: str) -> CaseFolder:
        """Give it another title. Raises NoSuchCase, ValueError without a title."""
        if not title.strip():
            raise ValueError("A case needs a title.")
        with self._changing(case_id) as case:
            case.title = title.strip()
        return case

    def unnote(self, case_id: str, place: int) -> CaseFolder:
        """Take the note at this place (from 0) away. Raises NoSuchCase."""
        with self._changing(case_id) as case:
            case.notes = [one for at, one in enumerate(case.notes) if at != place]
        return case

    def close(self, case_id: str) -> None:
        """Remove the folder; its calls stay where they are. Raises NoSuchCase."""
        self.get(case_id)
        (self._folder / f"{case_id}.json").unlink(missing_ok=True)

    def _keep(self, case: CaseFolder) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._folder / f"{case.id}.json"
        temporary = path.with_suffix(".tmp")
        with temporary.open("w", encoding="utf-8") as file:
            json.dump(asdict(case), file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)


def beside(log_folder: Path) -> Cases:
    """The case folders beside a log."""
    return Cases(log_folder / "cases")
