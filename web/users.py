"""Who may do what: the owner, listeners and auditors, each with a password or a PIN.

The owner's hash is the file `password`; the others live in `users.json` beside it. Both are
argon2id.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import threading
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from firmware.archive.files import read_json
from firmware.archive.search import match_folded
from web.private_files import write_secret

RIGHTS = {
    "owner": frozenset({"see", "hear", "mark", "log", "manage"}),
    "listener": frozenset({"see", "hear", "mark"}),
    "auditor": frozenset({"see", "log"}),
}
OWNER = "owner"
STEWARD = "steward"  # a token that the owner trusts with users
SHORTEST_PASSWORD = 10
SHORTEST_PIN = 6
LONGEST_PASSWORD = 1000


@dataclass(frozen=True, slots=True)
class User:
    """`hashed`: argon2id. `callers`: whose calls a listener may see; all where it is empty."""

    id: str
    name: str
    role: str
    hashed: str = ""
    callers: tuple[str, ...] = ()

    @property
    def rights(self) -> frozenset[str]:
        return RIGHTS.get(self.role, frozenset())

    @property
    def proof(self) -> str:
        """Changes with the password, so that old sessions end."""
        return hashlib.sha256(self.hashed.encode()).hexdigest()[:32]

    def may_see(self, call: dict[str, object], caller: str) -> bool:
        """Whether the call is his to see: of his callers, and not another's own.

        The owner of the box sees all: he has the files. So does a token that may change users.
        """
        claimed = call.get("only_for")
        if claimed and claimed != self.id and self.role not in ("owner", STEWARD):
            return False
        return not self.callers or caller in self.callers


class Users:
    """The people of the box, kept in its state folder."""

    def __init__(self, state_dir: Path) -> None:
        self._state_dir = state_dir
        self._password = state_dir / "password"
        self._others = state_dir / "users.json"
        # RFC 9106's second choice cut to 19 MiB (OWASP): a Pi Zero 2 W has 512 MB in all.
        self._one_at_a_time = threading.Lock()  # 32 threads would take 32 times the memory
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
        self._nobody = self._hash(secrets.token_hex(16))

    def _hash(self, password: str) -> str:
        with self._one_at_a_time:
            return self._hasher.hash(password)

    @property
    def is_set(self) -> bool:
        """Whether the first run is over."""
        return self._password.exists()

    def set_owner(self, password: str) -> User:
        """Keep the owner's password; the one-time code is over."""
        write_secret(self._password, self._hash(password))
        (self._state_dir / "setup-code").unlink(missing_ok=True)
        found = self.get(OWNER)
        assert found is not None
        return found

    def get(self, user_id: str) -> User | None:
        """The user with this id."""
        if user_id == OWNER:
            try:
                return User(OWNER, "", "owner", self._password.read_text("utf-8"))
            except OSError:
                return None
        return next((one for one in self.others() if one.id == user_id), None)

    def others(self) -> list[User]:
        """Everyone but the owner, by name."""
        rows = (read_json(self._others) or {}).get("users", [])
        users = [User(**{**row, "callers": tuple(row.get("callers", ()))}) for row in rows]
        return sorted(users, key=lambda one: match_folded(one.name))

    def check(self, name: str, password: str) -> User | None:
        """Who logs in: no name means the owner; as slow for a name that is unknown."""
        wanted = match_folded(" ".join(name.split()))
        user = self.get(OWNER)
        if wanted:
            user = next((one for one in self.others() if match_folded(one.name) == wanted), None)
        hashed = user.hashed if user else self._nobody
        try:
            with self._one_at_a_time:
                self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return None
        return user

    def check_user(self, user: User, password: str) -> bool:
        """Whether it is this user's password."""
        try:
            with self._one_at_a_time:
                return self._hasher.verify(user.hashed, password)
        except (VerificationError, InvalidHashError):
            return False

    def put(self, user: User, password: str = "") -> User:
        """Add or change someone; a new password ends his sessions."""
        hashed = self._hash(password) if password else user.hashed
        kept = replace(user, id=user.id or secrets.token_hex(8), hashed=hashed)
        self._write([*(one for one in self.others() if one.id != kept.id), kept])
        return kept

    def remove(self, user_id: str) -> None:
        """Forget someone; his sessions end."""
        self._write([one for one in self.others() if one.id != user_id])

    def _write(self, users: list[User]) -> None:
        write_secret(self._others, json.dumps({"users": [asdict(one) for one in users]}, indent=1))

    def of_session(self, user_id: object, proof: object) -> User | None:
        """Whose session it is, while his password is the one it began with."""
        user = self.get(str(user_id or ""))
        if user and hmac.compare_digest(str(proof).encode(), user.proof.encode()):
            return user
        return None
