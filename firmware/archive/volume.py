"""Volumes: the box's own medium and the USB media that come and go."""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from firmware.archive.errors import ArchiveError, ArchiveFull, ArchiveUnwritable
from firmware.archive.files import read_json, storing, write_json
from firmware.archive.layout import OPEN
from firmware.archive.vault import Vault

HOME = ""  # the id of the box's own medium
CARD = "tipring-volume.json"
FOLDER = "tipring"  # on a medium that is not ours alone
KNOWN = "volumes.json"
AVOIDED_S = 30.0


@dataclass(eq=False, slots=True)
class Volume:
    """A folder on one medium. `reserve`: bytes that recordings leave free; `silent`: files on it
    that were given up, and whose threads it has not answered yet."""

    root: Path
    id: str = HOME
    name: str = "the box's own medium"
    reserve: int = 0
    avoided_until: float = field(default=0.0, repr=False)
    failed: bool = field(default=False, repr=False)
    silent: set[object] = field(default_factory=set, repr=False)

    def free(self) -> int:
        """Bytes that may still be recorded. Raises ArchiveError."""
        with storing(self.root):
            found = os.statvfs(self.root)
        if found.f_files and not found.f_favail:
            return 0
        return max(0, found.f_bavail * found.f_frsize - self.reserve)

    def check_space(self) -> None:
        """Raises ArchiveFull where the reserve is reached."""
        if self.free() == 0:
            raise ArchiveFull(
                f"{self.name} is full; new calls cannot be stored there until space is freed."
            )


def _named(mount: Path) -> str:
    plain = "".join(one if one.isprintable() else "?" for one in mount.name)
    return f"the USB medium {plain}"


class Volumes:
    """The media that are here, the preferred first.

    `media`: a folder in which USB media are mounted, each in a folder of its own; None without.
    `vault`: how the calls on them are kept. `scan()` touches the media and may hang with them; all
    else answers at once.
    """

    def __init__(
        self,
        home: Path,
        media: Path | None = None,
        reserve: int = 0,
        is_mount: Callable[[Path], bool] = os.path.ismount,
        vault: Vault | None = None,
    ) -> None:
        self.vault = vault or Vault()
        self.home = Volume(home, reserve=reserve)
        self.warnings: list[str] = []
        self._media = media
        self._reserve = reserve
        self._is_mount = is_mount
        self._usb: tuple[Volume, ...] = ()
        self._told = True

    def here(self) -> list[Volume]:
        """USB media first, in the order of their mount points; the box's own medium last."""
        return [*self._usb, self.home]

    def best(self, now: float, but: Volume | None = None) -> Volume | None:
        """Where to record: the first that did not fail lately; `but` only if nothing else is."""
        for one in self.here():
            if one is not but and now >= one.avoided_until and not one.silent:
                return one
        return None

    def least_bad(self) -> Volume | None:
        """The one whose failure is the longest ago; None where none answers: each further file on
        a medium that hangs would be one more thread that never ends."""
        answering = [one for one in self.here() if not one.silent]
        return min(answering, key=lambda one: one.avoided_until, default=None)

    def avoid(self, volume: Volume, now: float) -> None:
        """It failed: others are taken for a while."""
        volume.avoided_until = now + AVOIDED_S
        volume.failed = True

    def root_of(self, volume_id: str) -> Path | None:
        """Where a volume is now; None where it is not here."""
        if volume_id == HOME:
            return self.home.root
        for one in self._usb:
            if one.id == volume_id:
                return one.root
        return None

    def scan(self) -> list[Volume]:
        """Look which media are here; those that have come since the last look."""
        if self._media is None:
            return []
        known = {one.root: one for one in self._usb}
        found: dict[str, Volume] = {}
        self.warnings = []
        for mount in self._mounts():
            try:
                one = self._volume(mount, known.get(mount / FOLDER))
            except ArchiveError as error:
                self.warnings.append(str(error))
                continue
            if one.id in found:
                self.warnings.append(
                    f"{one.name} and {found[one.id].name} say that they are the same volume, as a"
                    f" copy does. Only {found[one.id].name} is used; delete {CARD} in the folder"
                    f" {FOLDER} of the copy to use it too."
                )
                continue
            found[one.id] = one
        new = [one for one in found.values() if one not in self._usb]
        gone = [one for one in self._usb if one not in found.values()]
        self._usb = tuple(found.values())
        if new or gone or not self._told:
            self._write_known()
        return new

    def take_known(self) -> list[str]:
        """For processes that do not scan: take what the recorder has found and is here now; the
        names of the media that are not. Writes nothing."""
        known = read_json(self.home.root / KNOWN) or {}
        here, away = [], []
        for one in known:
            name = known_name(self.home.root, one)
            if (root := known_root(self.home.root, one)) is None:
                away.append(name)
            else:
                here.append(Volume(root, one, name, self._reserve))
        self._usb = tuple(here)
        return away

    def _mounts(self) -> list[Path]:
        if self._media is None:
            return []
        try:
            inside = sorted(self._media.iterdir())
        except OSError:
            return []
        return [one for one in inside if not one.is_symlink() and self._is_mount(one)]

    def _volume(self, mount: Path, known: Volume | None) -> Volume:
        root = mount / FOLDER
        if root.is_symlink() or (root / OPEN).is_symlink():
            raise ArchiveUnwritable(
                f"{_named(mount)} is not used: its folder {FOLDER} is a symbolic link, or has one"
                f" named {OPEN}. Put a folder of its own there."
            )
        card = read_json(root / CARD)
        said = str((card or {}).get("id", ""))
        if known is not None and said == known.id:
            return known
        if not re.fullmatch(r"[0-9a-f-]{36}", said):
            said = str(uuid.uuid4())
            with storing(root):
                root.mkdir(exist_ok=True)
            write_json(root / CARD, {"id": said, "what": "recordings of Tipring"})
        return Volume(root, said, _named(mount), self._reserve)

    def _write_known(self) -> None:
        """Tell the page's process where the media are."""
        known: dict[str, Any] = read_json(self.home.root / KNOWN) or {}
        for one in self._usb:
            known[one.id] = {"root": str(one.root), "name": one.name}
        try:
            with storing(self.home.root):
                self.home.root.mkdir(parents=True, exist_ok=True)
            write_json(self.home.root / KNOWN, known)
            self._told = True
        except ArchiveError as error:
            self._told = False
            self.warnings.append(str(error))


def known_root(home: Path, volume_id: str) -> Path | None:
    """Where a volume was last, if it is there now; for processes that do not scan."""
    if volume_id == HOME:
        return home
    entry = (read_json(home / KNOWN) or {}).get(volume_id)
    root = Path(str(entry.get("root"))) if isinstance(entry, dict) else None
    if root is None or (read_json(root / CARD) or {}).get("id") != volume_id:
        return None
    return root


def known_roots(home: Path) -> list[Path]:
    """Where the volumes are that were ever seen and are here now, but the box's own medium."""
    roots = (known_root(home, one) for one in read_json(home / KNOWN) or {})
    return [root for root in roots if root is not None]


def known_name(home: Path, volume_id: str) -> str:
    """What the owner calls it."""
    entry = (read_json(home / KNOWN) or {}).get(volume_id)
    return str(entry.get("name")) if isinstance(entry, dict) else f"the medium {volume_id}"
