"""Small files that only the box's own user can read, written whole or not at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from firmware.archive.files import sync_folder


def write_secret(path: Path, text: str) -> None:
    """Write the file with mode 0600; a power cut leaves the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}.tmp")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


def secret_key(state_dir: Path) -> str:
    """The key that signs sessions; made at the first start."""
    path = state_dir / "session-key"
    if not path.exists():
        write_secret(path, secrets.token_hex(32))
    return path.read_text("utf-8")
