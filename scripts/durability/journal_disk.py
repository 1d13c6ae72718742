"""A disk that remembers every write and flush in order, as a file in a FUSE file system.

`python -m scripts.durability.journal_disk MOUNT BYTES LOG` serves two files in MOUNT: `disk`, to be
loop-mounted, and `marks`: what is appended there is set among the disk's writes, so that it is
known what the recorder had said when the power went. LOG gets the journal.
"""

from __future__ import annotations

import errno
import stat
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ENTRY = struct.Struct("<cQI")
WRITE, FLUSH, MARK = b"W", b"F", b"M"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened to the disk, or a mark."""

    kind: bytes
    offset: int
    data: bytes


def read_log(path: Path) -> Iterator[Entry]:
    """The journal, in order."""
    with path.open("rb") as file:
        while len(head := file.read(ENTRY.size)) == ENTRY.size:
            kind, offset, count = ENTRY.unpack(head)
            yield Entry(kind, offset, file.read(count))


def serve(mount: Path, size: int, log: Path) -> None:
    """Until it is unmounted."""
    import mfusepy

    class Disk(mfusepy.Operations):  # type: ignore[misc]
        """One thread serves all requests, so the journal's order is the disk's."""

        use_ns = True

        def __init__(self) -> None:
            self._data = bytearray(size)
            self._log = log.open("wb", buffering=0)
            self._marked = 0

        def _note(self, kind: bytes, offset: int, data: bytes) -> None:
            self._log.write(ENTRY.pack(kind, offset, len(data)) + data)

        def getattr(self, path: str, fh: Any = None) -> dict[str, Any]:
            if path == "/":
                return {"st_mode": stat.S_IFDIR | 0o755, "st_nlink": 2}
            if path not in ("/disk", "/marks"):
                raise mfusepy.FuseOSError(errno.ENOENT)
            length = size if path == "/disk" else self._marked
            return {"st_mode": stat.S_IFREG | 0o644, "st_nlink": 1, "st_size": length}

        def readdir(self, path: str, fh: int) -> list[str]:
            return [".", "..", "disk", "marks"]

        def open(self, path: str, flags: int) -> int:
            return 0

        def read(self, path: str, length: int, offset: int, fh: int) -> bytes:
            return bytes(self._data[offset : offset + length])

        def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
            if path == "/marks":
                self._note(MARK, 0, data)
                self._marked += len(data)
            else:
                self._data[offset : offset + len(data)] = data
                self._note(WRITE, offset, data)
            return len(data)

        def truncate(self, path: str, length: int, fh: Any = None) -> int:
            return 0

        def fsync(self, path: str, datasync: int, fh: int) -> int:
            self._note(FLUSH, 0, b"")
            return 0

        def destroy(self, path: str) -> None:
            self._log.close()

    options = {"foreground": True, "nothreads": True, "direct_io": True}
    mfusepy.FUSE(Disk(), str(mount), **options)


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
