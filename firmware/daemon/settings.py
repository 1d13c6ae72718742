"""The settings that hold: the configuration file, and what the owner chose on the page over it."""

from __future__ import annotations

from pathlib import Path

from firmware.archive.keeper import Trouble
from firmware.choices import Choices
from firmware.config import Config


class Settings:
    """`of_the_file` never changes; `now` is what holds since the last `look`."""

    def __init__(self, of_the_file: Config) -> None:
        self.of_the_file = of_the_file
        self._choices = Choices(Path(of_the_file.state.directory))
        self.now, self._bent = self._choices.over(of_the_file)

    def look(self) -> Config:
        """What holds now."""
        self.now, self._bent = self._choices.over(self.of_the_file)
        return self.now

    @property
    def trouble(self) -> Trouble:
        """What the page chose and the recorder does not understand."""
        said = f"Some of the settings do not count: {'; '.join(self._bent)}." if self._bent else ""
        return Trouble("settings", said)
