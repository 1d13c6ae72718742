"""Two media that are folders, and one that fails; the fixtures are in `conftest.py`."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from firmware.archive.volume import Volumes
from tests.archive.support import RATE, Feed, numbers


class Media:
    """Two media that are folders: the box's own and a stick."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.media = folder / "media"
        self.away = folder / "away"
        self.stick = self.media / "sda1"
        self.stick.mkdir(parents=True)
        self.volumes = Volumes(self.home, self.media, is_mount=Path.is_dir)

    def pull(self) -> None:
        self.stick.rename(self.away)

    def put_back(self) -> None:
        self.away.rename(self.stick)


def whole(box: Feed, call_id: str, seconds: float) -> bool:
    return np.array_equal(box.sound(call_id), numbers(round(seconds * RATE)))


class Failing:
    """Makes a system call fail in one folder."""

    def __init__(self, patch: pytest.MonkeyPatch, name: str) -> None:
        self.folder: Path | None = None
        self.error = errno.EIO
        self.left = 10**9
        real: Callable[..., Any] = getattr(os, name)

        def failing(handle: int, *rest: Any) -> Any:
            path = Path(f"/proc/self/fd/{handle}").readlink()
            if self.folder in path.parents and self.left > 0 and path.name.endswith(".part.wav"):
                self.left -= 1
                raise OSError(self.error, os.strerror(self.error))
            return real(handle, *rest)

        patch.setattr(os, name, failing)
