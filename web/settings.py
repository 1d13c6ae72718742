"""What the owner chose on the page: one small file, written whole or not at all."""

from __future__ import annotations

import json
import threading
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from firmware.archive.files import read_json
from web.private_files import write_secret


@dataclass(frozen=True, slots=True)
class Chosen:
    """`language`: "" follows the browser. `country`: ISO 3166, for the form of numbers.

    `phone_used_by`: home or office, "" while the owner was not asked.
    """

    language: str = ""
    country: str = "PL"
    phone_used_by: str = ""
    box_name: str = ""


class Settings:
    """The settings in `path`, read again when another worker changed them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._stamp: tuple[int, int] | None = None
        self._held = Chosen()

    def get(self) -> Chosen:
        """What is chosen now; the defaults where nothing was."""
        with self._lock:
            try:
                found = self._path.stat()
            except OSError:
                return self._held
            stamp = (found.st_mtime_ns, found.st_ino)
            if stamp != self._stamp:
                read = read_json(self._path) or {}
                known = {one.name for one in fields(Chosen)}
                said = {key: value for key, value in read.items() if key in known}
                self._held = Chosen(**{k: v for k, v in said.items() if isinstance(v, str)})
                self._stamp = stamp
            return self._held

    def put(self, chosen: Chosen) -> None:
        """Keep them."""
        write_secret(self._path, json.dumps(asdict(chosen), indent=1))
