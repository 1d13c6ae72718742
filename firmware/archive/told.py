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


@dataclass(frozen=True, slots=True)
class Gone:
    """The sound of a call was let go."""

    call_id: str


Happened = Entered | Trouble
Inbox = queue.SimpleQueue[Happened]
