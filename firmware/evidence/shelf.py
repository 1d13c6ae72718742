"""Where the files of a call lie in an archive, for erasing: all that carry its id."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from firmware.archive.errors import NoSuchCall
from firmware.archive.going import MP3
from firmware.archive.layout import DAMAGED, DAYS, OPEN
from firmware.archive.volume import known_roots

if TYPE_CHECKING:
    from firmware.archive import Archive
    from firmware.evidence.erasure import Erasure
    from firmware.evidence.evidence import Evidence


class ArchiveShelf:
    """`caches`: folders with copies whose names begin as the master's does (MP3s for phones)."""

    def __init__(self, archive: Archive, caches: tuple[Path, ...] = ()) -> None:
        self._archive = archive
        self._caches = caches

    def files(self, call_id: str) -> list[Path]:
        """Recording, record, marks and copies, on every medium that is here; those of a call that
        is forgotten already, too. Raises ArchiveError where the call's own medium is not here."""
        roots = [self._archive.root, *known_roots(self._archive.root)]
        try:
            folders = {self._archive.sidecar_path(call_id).parent}
        except NoSuchCall:
            folders = {path.parent for root in roots for path in root.glob(f"{DAYS}/*{call_id}*")}
        folders |= {root / name for root in roots for name in (OPEN, DAMAGED)}
        found: list[Path] = []
        for folder in sorted(folders | set(self._caches)):
            if folder.is_dir():
                found += sorted(folder.glob(f"*{call_id}*"))
        return [path for path in found if path.is_file() and not path.is_symlink()]

    def forget(self, call_id: str) -> None:
        """Take it out of the catalogue. Raises ArchiveError."""
        self._archive.forget(call_id)


def eraser(evidence: Evidence, state: Path) -> Erasure:
    """What erases calls of this archive; `state`: the box's state folder, with copies of calls."""
    from firmware.evidence.erasure import Erasure

    caches = (evidence.archive.vault.cache_in(state) / MP3,)
    return Erasure(evidence, ArchiveShelf(evidence.archive, caches))
