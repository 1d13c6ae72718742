"""The box's signing key (Ed25519, RFC 8032): made on the box, 0600, backed up as 24 words."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from firmware.evidence.errors import KeyUnusable

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

NAME = "evidence-key.pem"


class PublicKey:
    """What a stranger needs. `box` is the name of the box: 32 hex digits of the key's SHA-256."""

    def __init__(self, pem: bytes) -> None:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            key = serialization.load_pem_public_key(pem)
        except (ValueError, UnsupportedAlgorithm) as error:
            raise KeyUnusable("The public key is damaged: it is no key in PEM form.") from error
        if not isinstance(key, Ed25519PublicKey):
            raise KeyUnusable("The public key is of another kind than the box makes (Ed25519).")
        raw = serialization.Encoding.Raw, serialization.PublicFormat.Raw
        self.raw = key.public_bytes(*raw)
        subject = serialization.PublicFormat.SubjectPublicKeyInfo
        self.pem = key.public_bytes(serialization.Encoding.PEM, subject)
        if self.pem != pem:
            raise KeyUnusable("The public key is not written the way the box writes it.")
        self.box = hashlib.sha256(
            key.public_bytes(serialization.Encoding.DER, subject)
        ).hexdigest()[:32]
        self._key = key

    def verify(self, signature: bytes, data: bytes) -> bool:
        """Whether the box signed these bytes."""
        from cryptography.exceptions import InvalidSignature

        try:
            self._key.verify(signature, data)
        except InvalidSignature:
            return False
        return True


class BoxKey:
    """The private key; `ensure` makes it at the first run."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        from cryptography.hazmat.primitives import serialization

        self._key = key
        self.public = PublicKey(
            key.public_key().public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        )

    @classmethod
    def ensure(cls, folder: Path) -> BoxKey:
        """The key kept in `folder`; made there if there is none. Raises KeyUnusable."""
        path = folder / NAME
        if not path.exists():
            return cls.from_seed(os.urandom(32)).keep(folder)
        return cls.load(path)

    @classmethod
    def load(cls, path: Path) -> BoxKey:
        """Read the file. Raises KeyUnusable where others may read it too, or it is damaged."""
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        try:
            if path.stat().st_mode & 0o077:
                raise KeyUnusable(
                    f"{path}: others may read the signing key. Whoever read it can sign in this"
                    f" box's name. Make it private (chmod 600 {path}), or make a new key."
                )
            key = serialization.load_pem_private_key(path.read_bytes(), None)
        except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise KeyUnusable(
                f"{path}: the signing key cannot be read ({error}). Calls are recorded, but not"
                " sealed. Put it back from its printed page: tipring evidence restore-key."
            ) from error
        if not isinstance(key, Ed25519PrivateKey):
            raise KeyUnusable(f"{path}: the key is of another kind than the box makes (Ed25519).")
        return cls(key)

    @classmethod
    def from_seed(cls, seed: bytes) -> BoxKey:
        """The key of a seed of 32 bytes."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def seed(self) -> bytes:
        """The 32 bytes that the printed page holds as 24 words."""
        return self._key.private_bytes_raw()

    def keep(self, folder: Path) -> BoxKey:
        """Store the key in `folder`, readable by its owner alone. Raises KeyUnusable."""
        from cryptography.hazmat.primitives import serialization

        pem = self._key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        path = folder / NAME
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=folder)  # mode 0600
            temporary = Path(name)
            with os.fdopen(handle, "wb") as file:
                file.write(pem)
                file.flush()
                os.fsync(file.fileno())
            try:
                path.hardlink_to(temporary)  # of two processes at the first run, one makes the key
            except FileExistsError:
                return self.load(path)
            finally:
                temporary.unlink()
            _sync(folder)
        except OSError as error:
            raise KeyUnusable(f"{path}: the signing key cannot be stored ({error}).") from error
        return self

    def sign(self, data: bytes) -> bytes:
        """64 bytes."""
        return self._key.sign(data)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
