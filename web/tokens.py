"""Tokens of the API: a secret that is shown once, and what it may be used for."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import threading
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from firmware.archive.files import read_json
from web.private_files import write_secret

SCOPES = (
    "read",
    "hear",
    "mark",
    "people",
    "control",
    "export",
    "log",
    "settings",
    "delete",
    "users",
)


@dataclass(frozen=True, slots=True)
class Token:
    """`hashed`: SHA-256 of the secret, which has 256 random bits and needs no slow hash."""

    id: str
    name: str
    scopes: tuple[str, ...]
    hashed: str
    made_at: str


class Tokens:
    """The tokens in `path`, mode 0600."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def all(self) -> list[Token]:
        """Every token, oldest first."""
        rows = (read_json(self._path) or {}).get("tokens", [])
        return [Token(**{**row, "scopes": tuple(row["scopes"])}) for row in rows]

    def make(self, name: str, scopes: tuple[str, ...]) -> tuple[Token, str]:
        """A new token and its secret, which is kept nowhere."""
        secret = f"tipring_{secrets.token_urlsafe(32)}"
        hashed = hashlib.sha256(secret.encode()).hexdigest()
        made_at = datetime.now(UTC).isoformat(timespec="seconds")
        made = Token(secrets.token_hex(6), name, scopes, hashed, made_at)
        with self._lock:
            self._write([*self.all(), made])
        return made, secret

    def revoke(self, token_id: str) -> None:
        """Whoever has it is refused from now on."""
        with self._lock:
            self._write([one for one in self.all() if one.id != token_id])

    def of(self, secret: str) -> Token | None:
        """The token with this secret."""
        hashed = hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
        found = [one for one in self.all() if hmac.compare_digest(one.hashed, hashed)]
        return found[0] if found else None

    def _write(self, tokens: list[Token]) -> None:
        write_secret(self._path, json.dumps({"tokens": [asdict(one) for one in tokens]}, indent=1))
