"""The archive as the page sees it: opened at the first use, tried again after a failure."""

from __future__ import annotations

import threading
from pathlib import Path

from firmware.archive import Archive
from firmware.archive.vault import Vault


class Shelf:
    """A medium that is out when the page starts is told on the page, and found when it is back."""

    def __init__(self, root: Path, vault: Vault | None = None) -> None:
        self._root = root
        self._vault = vault or Vault()
        self._lock = threading.Lock()
        self._archive: Archive | None = None

    @property
    def archive(self) -> Archive:
        """Raises ArchiveError where it cannot be opened."""
        with self._lock:
            if self._archive is None:
                self._archive = Archive(self._root, vault=self._vault)
            return self._archive
