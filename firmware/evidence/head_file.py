"""Heads as files: the newest one beside its log, those that were stamped or printed in folders."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from firmware.evidence.errors import LogDamaged
from firmware.evidence.head import SignedHead

HEAD, LOCK = "head", "log.lock"


def read_head(folder: Path) -> SignedHead:
    """The head kept beside a log. Raises FileNotFoundError, LogDamaged."""
    return read_head_file(folder / HEAD)


def read_head_file(path: Path) -> SignedHead:
    """A head with its signature under it. Raises FileNotFoundError, LogDamaged."""
    try:
        return SignedHead.from_bytes(path.read_bytes())
    except LogDamaged as error:
        raise LogDamaged(f"{path}: {error}") from error


def write_head_file(path: Path, signed: SignedHead) -> None:
    """Put the head under its name; on the medium when this returns."""
    temporary = path.with_name(path.name + ".tmp")
    with temporary.open("wb") as file:
        file.write(signed.to_bytes())
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


@contextmanager
def still(folder: Path) -> Iterator[None]:
    """While nobody appends; for a reader. A copy without a lock file stands still by itself."""
    try:
        file = (folder / LOCK).open("rb")
    except OSError:
        yield
        return
    with file:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield
