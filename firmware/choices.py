"""What the owner chose on the page: it stands over the configuration file.

The file belongs to root and names every key, so the page can neither write it nor stand under it.
Only the keys of `ALLOWED` can be chosen: no path, no program and no address comes from a browser.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from firmware.archive.files import read_json, replace_synced, storing
from firmware.config import AlarmsConfig, Config, ConfigError, RetentionConfig, checked

FILE = "choices.json"
ALLOWED: Mapping[str, frozenset[str]] = {
    "archive": frozenset(("sealed",)),
    "retention": frozenset(entry.name for entry in fields(RetentionConfig)),
    "consent": frozenset(("place", "use", "announce", "beep", "announcement", "armed")),
    "alarms": frozenset(entry.name for entry in fields(AlarmsConfig)) - {"command"},
}

OWN_SOUND = "announcement.wav"  # the owner's own, in the state folder
SOUNDS = ("pl", "en", "own")  # of `consent.announcement`; the file may name a path, a browser not


class Choices:
    """The choices of one box, in its state folder: section, key, value as in the configuration."""

    def __init__(self, state_dir: Path) -> None:
        self._path = state_dir / FILE

    def over(self, config: Config) -> tuple[Config, list[str]]:
        """The configuration that holds, and what of the choices could not be understood.

        A torn or bent file never stops the recorder: what is wrong in it does not count.
        """
        wrong: list[str] = []
        for section, keys in self._read(wrong).items():
            if section not in ALLOWED or not isinstance(keys, dict):
                wrong.append(f"{self._path}: {section}: is nothing that the page may choose")
                continue
            good = {}
            for key, value in keys.items():
                try:
                    good[key] = self._allowed(section, key, value)
                except ConfigError as error:
                    wrong.append(str(error))
            config = replace(config, **{section: replace(getattr(config, section), **good)})
        return config, wrong

    def put(self, section: str, values: Mapping[str, Any]) -> None:
        """Choose these values of a section; its other choices stay.

        Raises ConfigError, with nothing changed, and ArchiveError.
        """
        good = {key: self._allowed(section, key, value) for key, value in values.items()}
        kept = self._read([])
        self._write({**kept, section: {**kept.get(section, {}), **good}})

    def chosen(self, section: str) -> dict[str, Any]:
        """What was chosen of a section; nothing where the owner was not asked yet."""
        found = self._read([]).get(section)
        return dict(found) if isinstance(found, dict) else {}

    def forget(self, section: str, keys: Iterable[str]) -> None:
        """Let the configuration file hold again for these keys. Raises ArchiveError."""
        kept, gone = self._read([]), set(keys)
        rest = {key: value for key, value in kept.get(section, {}).items() if key not in gone}
        self._write({**kept, section: rest})

    def _allowed(self, section: str, key: str, value: Any) -> Any:
        if key not in ALLOWED.get(section, ()):
            raise ConfigError(f"{self._path}: {section}.{key}: is nothing that the page may choose")
        if key == "announcement" and value not in SOUNDS:
            one_of = ", ".join(SOUNDS)
            raise ConfigError(f"{self._path}: {section}.{key}: expected one of {one_of}")
        return checked(section, key, value, str(self._path))

    def _read(self, wrong: list[str]) -> dict[str, Any]:
        found = read_json(self._path)
        if found is None and os.path.lexists(self._path):
            wrong.append(f"{self._path}: cannot be read; the configuration file alone holds")
        return found or {}

    def _write(self, choices: dict[str, Any]) -> None:
        temporary = self._path.with_name(f"{FILE}.{secrets.token_hex(4)}.tmp")
        with storing(self._path):
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(choices, file, indent=1, sort_keys=True)
        replace_synced(temporary, self._path)
