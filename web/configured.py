"""The recorder's configuration as the page sees it: its file, and over it what was chosen here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from firmware.choices import Choices
from firmware.config import Config, ConfigError, load
from web.recorder import ask


class Configured:
    """Read anew each time: it is looked at on the pages of the settings only."""

    def __init__(self, path: Path | None, state_dir: Path) -> None:
        self._path = path
        self._choices = Choices(state_dir)

    def now(self) -> tuple[Config, list[str]]:
        """What holds for the recorder, and what of it could not be understood."""
        wrong = []
        try:
            config = load(self._path) if self._path is not None else Config()
        except ConfigError as error:
            config = Config()
            wrong.append(str(error))
        config, bent = self._choices.over(config)
        return config, wrong + bent

    def chosen(self, section: str) -> dict[str, Any]:
        """What was chosen on the page of a section."""
        return self._choices.chosen(section)

    def choose(self, section: str, values: Mapping[str, Any]) -> bool:
        """Keep them, and tell the recorder; whether it took them at once.

        Raises ConfigError, with nothing changed, and ArchiveError. A recorder that does not answer
        takes them at its next start.
        """
        self._choices.put(section, values)
        reply = ask({"do": "settings"})
        return bool(reply and reply.get("ok"))
