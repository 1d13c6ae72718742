"""Notice before audio makes room: its owner, who may never have chosen that, is warned first."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from firmware.archive.files import read_json, storing, write_json
from firmware.archive.retention import Rules

NAME = "notice.json"
NOTICE_DAYS = 14
URGENT = 4  # with a quarter of the wanted space left, new calls come before old ones


class Notice:
    """Since when the owner is told that the medium fills; kept beside the recordings."""

    def __init__(self, root: Path) -> None:
        self._path = root / NAME

    def told(self, nearly_full: bool, now: datetime) -> None:
        """The alarm stands, or does not any more. Raises ArchiveError."""
        if not nearly_full:
            with storing(self._path):
                self._path.unlink(missing_ok=True)
        elif self._since(now) is None:
            write_json(self._path, {"since": now.isoformat(timespec="seconds")})

    def _since(self, now: datetime) -> datetime | None:
        with contextlib.suppress(KeyError, ValueError, TypeError):
            since = datetime.fromisoformat(str((read_json(self._path) or {})["since"]))
            return since if since <= now else None  # the clock was wrong then, or is now
        return None

    def over(self, rules: Rules, now: datetime) -> Rules:
        """The rules that hold now: for space alone nothing goes before the notice is over, unless
        calls would be lost."""
        since = self._since(now)
        if since is not None and now - since >= timedelta(days=NOTICE_DAYS):
            return rules
        return replace(rules, free_mb=rules.free_mb // URGENT)
