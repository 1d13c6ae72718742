"""One call as it goes into a bundle: its stored bytes, and what is told about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, BinaryIO

MORE = "flac_sha256_"  # and the number of a further file: the fact that holds its hash
BESIDE = ("marks", "later", "transcript")


@dataclass(frozen=True, slots=True)
class Exhibit:
    """`record`: the sidecar's exact bytes; `beside`: the bytes of what lies beside it, by name
    (marks, later, transcript); `audio` opens the FLAC master, None without audio; `more` open the
    further files of a call that is too long for one (`recording-1.flac` and so on)."""

    call: str
    record: bytes
    facts: dict[str, Any]
    audio: Callable[[], BinaryIO] | None = None
    beside: dict[str, bytes] = field(default_factory=dict)
    more: tuple[Callable[[], BinaryIO], ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """A case folder: what several calls have to do with each other."""

    title: str = ""
    notes: list[str] = field(default_factory=list)
