"""What was learned about the line: one small file, and how it stands to the configuration.

The configuration wins: a learned value is used only where the owner left the default.
"""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from firmware.archive.files import read_json, write_json
from firmware.config import Config, LineConfig

NAME = "line.json"


@dataclass(frozen=True, slots=True)
class Learned:
    """Voltages in volts, levels in dBm0; None and "" where nothing was learned.

    `threshold_v`: what the board's DAC keeps without power. `turned`: inputs of the HAT profile
    `profile` that are the wrong way round. `caller_id`: the standard by `events.CallerId`. `near`
    and `far`: the louder and the quieter voice of the test call. `proved_at`: ISO 8601, when the
    owner heard both in it.
    """

    idle_v: float | None = None
    threshold_v: float | None = None
    profile: str = ""
    turned: tuple[str, ...] = ()
    hook: str = ""
    vox_threshold_dbm0: float | None = None
    caller_id: str = ""
    noise_dbm0: float | None = None
    near_dbm0: float | None = None
    far_dbm0: float | None = None
    clipped: int = 0
    proved_at: str = ""

    def applied(self, config: Config) -> Config:
        """The configuration with what was learned, where the owner set nothing."""
        line, untouched = config.line, LineConfig()
        hook, threshold = self.hook, self.vox_threshold_dbm0
        if hook and line.hook == untouched.hook:
            line = replace(line, hook=hook)
        if threshold is not None and line.vox_threshold_dbm0 == untouched.vox_threshold_dbm0:
            line = replace(line, vox_threshold_dbm0=threshold)
        return replace(config, line=line)

    def turned_of(self, profile: str) -> frozenset[str]:
        """The inputs to be taken the other way round, if the board is the one of then."""
        return frozenset(self.turned) if profile == self.profile else frozenset()


class LearnedFile:
    """`now` is what the file says. A file that cannot be read says nothing."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._lock = threading.Lock()
        self.now = _read(self._path)

    def put(self, **changes: Any) -> None:
        """Keep these. Raises ArchiveError where they are not on the medium; `now` has them then."""
        with self._lock:
            self.now = replace(self.now, **changes)
            write_json(self._path, asdict(self.now))


def _read(path: Path) -> Learned:
    said = read_json(path) or {}
    kinds: dict[str, Any] = {
        "float | None": (int, float),
        "str": str,
        "int": int,
        "tuple[str, ...]": list,
    }
    found: dict[str, Any] = {}
    for entry in fields(Learned):
        value = said.get(entry.name)
        if isinstance(value, kinds[str(entry.type)]) and not isinstance(value, bool):
            found[entry.name] = tuple(map(str, value)) if isinstance(value, list) else value
    return Learned(**found)
