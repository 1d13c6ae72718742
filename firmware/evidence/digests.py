"""What of a call is hashed: its recording in the clear, and an encrypted one as it lies there."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from firmware.archive.vault import is_sealed
from firmware.evidence.bundle.exhibit import MORE, Exhibit

STORED = "stored_sha256"


def recordings(sidecar: Path, facts: dict[str, Any]) -> list[Path]:
    """The files of a call's sound, in order; none without."""
    names = [part["audio"] for part in facts.get("audio_parts") or []]
    names = names or ([facts["audio"]] if facts.get("audio") else [])
    return [sidecar.parent / Path(name).name for name in names]


def more_of(exhibit: Exhibit) -> dict[str, str]:
    """The facts that hold the hashes of the further files of a very long call."""
    return {f"{MORE}{place}": _sha256(one) for place, one in enumerate(exhibit.more, 1)}


def sha256_of(exhibit: Exhibit) -> str:
    """The SHA-256 (hex) of a call's recording, of its first file; "" without one."""
    return "" if exhibit.audio is None else _sha256(exhibit.audio)


def _sha256(opened: Callable[[], BinaryIO]) -> str:
    digest = hashlib.sha256()
    with opened() as file:
        while block := file.read(1 << 18):
            digest.update(block)
    return digest.hexdigest()


def stored_of(paths: list[Path]) -> dict[str, str]:
    """The fact that holds the hash of encrypted files as they lie on the medium, in order."""
    sealed = [path for path in paths if is_sealed(path)]
    if not sealed:
        return {}
    digest = hashlib.sha256()
    for path in sealed:
        with path.open("rb") as file:
            while block := file.read(1 << 18):
                digest.update(block)
    return {STORED: digest.hexdigest()}
