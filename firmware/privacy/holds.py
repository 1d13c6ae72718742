"""Legal holds: a held call is neither erased nor let go by retention until its hold is lifted."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from firmware.privacy.errors import PrivacyError

NAME = "holds.json"


class CallHeld(PrivacyError):
    """The call is under a legal hold; the message says whose and why."""


class HoldsUnreadable(PrivacyError):
    """The list of holds cannot be read: until it can, every call counts as held."""


@dataclass(frozen=True, slots=True)
class Hold:
    """`since`: Unix seconds. Owner and reason are the words of a person."""

    owner: str
    reason: str
    since: float


class HoldBook:
    """The holds kept in `folder`. Raises HoldsUnreadable, so that doubt never erases a call."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME

    def hold(self, call_id: str, owner: str, reason: str, now: float) -> Hold:
        """Hold a call. Raises ValueError where owner or reason is missing."""
        if not owner.strip() or not reason.strip():
            raise ValueError("A hold needs an owner and a reason.")
        made = Hold(owner.strip(), reason.strip(), now)
        with self._changing() as holds:
            holds[call_id] = made
        return made

    def release(self, call_id: str) -> Hold | None:
        """Lift a hold; the one that was lifted."""
        with self._changing() as holds:
            return holds.pop(call_id, None)

    def of(self, call_id: str) -> Hold | None:
        """The call's hold."""
        return self._read().get(call_id)

    def all(self) -> dict[str, Hold]:
        """Every hold by its call."""
        return self._read()

    def require_free(self, call_id: str) -> None:
        """Raises CallHeld."""
        found = self.of(call_id)
        if found is not None:
            raise CallHeld(
                f"The call {call_id} is held by {found.owner}: {found.reason}. It stays until the"
                " hold is lifted."
            )

    def _read(self) -> dict[str, Hold]:
        try:
            found = json.loads(self._path.read_text("utf-8"))
            return {call: Hold(**facts) for call, facts in found.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise HoldsUnreadable(
                f"{self._path}: the legal holds cannot be read ({error}). Nothing is erased until"
                " they can."
            ) from error

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Hold]]:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._path.with_suffix(".lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            holds = self._read()
            yield holds
            temporary = self._path.with_suffix(".tmp")
            with temporary.open("w", encoding="utf-8") as file:
                facts = {call: asdict(one) for call, one in holds.items()}
                json.dump(facts, file, ensure_ascii=False)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self._path)
