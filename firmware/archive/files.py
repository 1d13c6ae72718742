"""Writing so that a power cut leaves the old file or the new one, never half of one."""

from __future__ import annotations

import errno
import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from firmware.archive.errors import ArchiveError, ArchiveFull, ArchiveUnwritable


@contextmanager
def storing(path: Path) -> Iterator[None]:
    """Turn the system's errors into the archive's, with words the owner can use."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise ArchiveFull(
                f"{path}: the medium is full; new calls cannot be stored until space is freed."
            ) from error
        raise ArchiveUnwritable(
            f"{path}: cannot be written ({error.strerror}); calls are not stored there."
            " Check the medium and the folder's owner."
        ) from error


def sync_folder(folder: Path) -> None:
    """Put the folder's entries on the medium."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def replace_synced(temporary: Path, path: Path) -> None:
    """Put `temporary` on the medium under the name `path`."""
    with storing(path):
        handle = os.open(temporary, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        temporary.replace(path)
        sync_folder(path.parent)


def write_json(path: Path, record: dict[str, Any], synced: bool = True) -> None:
    """Write the record whole, or leave what was there; not `synced`: it may reach the medium late,
    and where the power goes before, it may be torn."""
    temporary = path.with_name(path.name + ".tmp")
    text = json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True)
    try:
        with storing(path):
            temporary.write_text(text + "\n", "utf-8")
            if not synced:
                temporary.replace(path)
                return
        replace_synced(temporary, path)
    except ArchiveError:
        with suppress(OSError):  # a full medium gets nothing that nobody reads
            temporary.unlink(missing_ok=True)
        raise


def read_json(path: Path) -> dict[str, Any] | None:
    """The record, or None where the file is torn, missing or something else."""
    try:
        record = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return record if isinstance(record, dict) else None


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Recorder and page both change things: one at a time."""
    with storing(path), path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
