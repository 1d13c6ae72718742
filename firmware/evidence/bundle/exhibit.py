"""One call as it goes into a bundle: its stored bytes, and what is told about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, BinaryIO

BESIDE = ("marks", "later", "transcript")


@dataclass(frozen=True, slots=True)
class Exhibit:
    """`record`: the sidecar's exact bytes; `beside`: the bytes of what lies beside it, by name
    (marks, later, transcript); `audio` opens the FLAC master, None without audio."""

    call: str
    record: bytes
    facts: dict[str, Any]
    audio: Callable[[], BinaryIO] | None = None
    beside: dict[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """A case folder: what several calls have to do with each other."""

    title: str = ""
    notes: list[str] = field(default_factory=list)
