"""Where an archive's catalogue lies: on its medium, or in memory where calls are sealed."""

from __future__ import annotations

from pathlib import Path

from firmware.archive.catalogue import Catalogue, CatalogueCorrupt, move
from firmware.archive.files import locked, storing
from firmware.archive.identity import uuid7
from firmware.archive.layout import CATALOGUE
from firmware.archive.vault import Vault

WHOLE = "catalogue.whole"
LOCK = ".catalogue.lock"


class Index:
    """A damaged catalogue is set aside and a new one begun; `fresh`: it is to be filled."""

    def __init__(self, root: Path, vault: Vault) -> None:
        self.set_aside: str | None = None
        self.fresh = False
        self._root = root
        self._vault = vault
        self._place: Path | None = None
        self._opened: Catalogue | None = None

    def open(self) -> Catalogue:
        """Open it, or begin a new one where it is damaged. Raises ArchiveError."""
        with storing(self._root):
            self._root.mkdir(parents=True, exist_ok=True)
        with locked(self._root / LOCK):
            place = self._where()
            if place.parent != self._root:
                self._leave_medium(place)
            try:
                opened = Catalogue(place)
            except CatalogueCorrupt as error:
                self._set_aside(error)
                opened = Catalogue(place)
        self.fresh = opened.is_empty() or not self._is_whole(place)
        self._opened, self._place = opened, place
        return opened

    def _where(self) -> Path:
        place = self._vault.catalogue_in(self._root)
        if place.parent != self._root:
            self._vault.start()
            with storing(place):
                place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return place

    def _leave_medium(self, place: Path) -> None:
        """The list of a time when no call was sealed goes on in memory."""
        old = self._root / CATALOGUE
        if old.exists() and not place.exists() and move(old, place):
            with storing(place):
                place.with_name(WHOLE).touch()
        for ending in ("", "-wal", "-shm"):
            with storing(self._root):
                (self._root / (CATALOGUE + ending)).unlink(missing_ok=True)

    def _is_whole(self, place: Path) -> bool:
        return place.parent == self._root or place.with_name(WHOLE).exists()

    def filled(self) -> None:
        """Every record was entered: the catalogue in memory need not be filled again."""
        place = self._where()
        if place.parent != self._root:
            with storing(place):
                place.with_name(WHOLE).touch()

    @property
    def catalogue(self) -> Catalogue:
        """The one that counts now. Raises ArchiveError."""
        if self._opened is None or self._vault.catalogue_in(self._root) != self._place:
            return self.open()  # not yet, or the first call was sealed meanwhile
        return self._opened

    def _set_aside(self, error: CatalogueCorrupt) -> None:
        """Nothing damaged is deleted; its journal goes with it, or it would harm the new one."""
        path = self._where()
        path.with_name(WHOLE).unlink(missing_ok=True)
        aside = f"{CATALOGUE}.damaged-{uuid7()}"
        with storing(path):
            path.rename(path.with_name(aside))
            for ending in ("-wal", "-shm"):
                old = path.with_name(path.name + ending)
                if old.exists():
                    old.rename(path.with_name(aside + ending))
        self.set_aside = f"{error}; it was kept as {aside}"

    def check(self) -> str | None:
        """Look at the whole catalogue; what is wrong with it, or None. Slow when it is long."""
        try:
            return self.catalogue.check()
        except CatalogueCorrupt as error:
            return str(error)

    def renew(self) -> None:
        """Set the catalogue aside and begin a new one."""
        with locked(self._root / LOCK):
            place = self._where()
            self._set_aside(CatalogueCorrupt(f"{place}: damaged"))
            self._opened, self._place = Catalogue(place), place
            self.fresh = True
