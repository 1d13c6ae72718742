"""What the archive's lanes tell the recorder."""

from __future__ import annotations

import queue
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Entered:
    """A call is in the catalogue."""

    record: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something the owner must know; `why` is empty when it is over."""

    kind: str
    why: str


Happened = Entered | Trouble
Inbox = queue.SimpleQueue[Happened]
