"""The bundle's zip file: stored, never packed, every byte of it determined by its members.

So a reader can write the same zip anew and compare: there is no byte that could be changed
unnoticed, no comment, no gap, no member that unpacks to more than it is.
"""

from __future__ import annotations

import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from firmware.evidence.errors import BundleImpossible, Changed

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*){0,3}")
LARGEST = (1 << 32) - (1 << 20)
MOST = 20000
BLOCK = 1 << 18
DATE = 0x0021  # 1 January 1980, the earliest a zip can say: the times that count are in the log


@dataclass(frozen=True, slots=True)
class Member:
    """One file: its name, its length, its CRC-32, and where to read it from."""

    name: str
    size: int
    crc: int
    open: Callable[[], BinaryIO]

    def blocks(self) -> Iterator[bytes]:
        """The file's bytes."""
        with self.open() as file:
            left = self.size
            while left and (block := file.read(min(BLOCK, left))):
                left -= len(block)
                yield block

    def read(self) -> bytes:
        """All of it."""
        return b"".join(self.blocks())


def of_bytes(name: str, data: bytes) -> Member:
    """A member that is held in memory."""
    import io

    return Member(name, len(data), zlib.crc32(data), lambda: io.BytesIO(data))


def of_file(name: str, path: Path) -> Member:
    """A member that is read from a file; read once now for its CRC."""
    crc = size = 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            crc, size = zlib.crc32(block, crc), size + len(block)
    return Member(name, size, crc, lambda: path.open("rb"))


def _mode(name: str) -> int:
    return stat.S_IFREG | (0o755 if name.endswith(".sh") else 0o644)


def serialised(members: Iterable[Member]) -> Iterator[bytes]:
    """The one zip that holds these members in this order."""
    directory, offset, count = b"", 0, 0
    for member in members:
        name = member.name.encode("ascii")
        common = struct.pack(
            "<HHHHHIIIHH",
            *(20, 0, 0, 0, DATE, member.crc, member.size, member.size, len(name), 0),
        )
        yield b"PK\x03\x04" + common + name
        yield from member.blocks()
        directory += b"PK\x01\x02" + struct.pack("<H", 0x031E) + common
        directory += struct.pack("<HHHII", 0, 0, 0, _mode(member.name) << 16, offset) + name
        offset += 30 + len(name) + member.size
        count += 1
    yield directory
    yield b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), offset, 0)


def write(file: BinaryIO, members: list[Member]) -> None:
    """Write the zip. Raises BundleImpossible where it would be too large."""
    if sum(member.size for member in members) > LARGEST or len(members) > MOST:
        raise BundleImpossible(
            "The bundle would be larger than 4 GB, or of more than 20,000 files. Make several with"
            " fewer calls each."
        )
    for block in serialised(members):
        file.write(block)


def read(path: Path) -> list[Member]:
    """The members of a zip, after every byte of it was compared. Raises Changed."""
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, struct.error, NotImplementedError) as error:
        raise Changed(
            "This cannot be opened as a ZIP file: it is damaged, or it is no bundle."
        ) from error
    _refuse(infos)
    members, at = [], 0
    for info in infos:
        at += 30 + len(info.filename)
        members.append(_member(path, info, at))
        at += info.file_size
    _compare(path, members)
    return members


def _refuse(infos: list[zipfile.ZipInfo]) -> None:
    """Raises Changed for what no bundle holds, in words that say why it is dangerous."""
    if len(infos) > MOST or sum(info.file_size for info in infos) > LARGEST:
        total = sum(info.file_size for info in infos)
        raise Changed(
            f"The ZIP says that it holds {len(infos)} files of {total} bytes in all. No bundle is"
            " so large; it may be made to fill the disk. It was not unpacked."
        )
    seen: set[str] = set()
    for info in infos:
        name = info.orig_filename
        shown = ascii(name)[:80]
        if stat.S_ISLNK(info.external_attr >> 16):
            raise Changed(f"{shown} is a link to another place instead of a file.")
        if name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name):
            raise Changed(f"{shown} would be put at a fixed place of your disk.")
        if ".." in re.split(r"[/\\]", name):
            raise Changed(f"{shown} would be put outside the folder it is unpacked in.")
        if info.flag_bits & 1:
            raise Changed(f"{shown} is locked with a password; nothing in a bundle is.")
        if info.compress_type != zipfile.ZIP_STORED or info.file_size != info.compress_size:
            raise Changed(
                f"{shown} is packed: {info.compress_size} bytes would become {info.file_size}."
                " Nothing in a bundle is packed; it was not unpacked."
            )
        if NAME.fullmatch(name) is None:
            raise Changed(f"{shown} is not a name that a bundle has.")
        if name in seen:
            raise Changed(f"{shown} is in the ZIP twice.")
        seen.add(name)


def _member(path: Path, info: zipfile.ZipInfo, begin: int) -> Member:
    """`begin` is where the box would have put it: what the zip says of that is not believed."""

    def opened() -> BinaryIO:
        file = path.open("rb")
        file.seek(begin)
        return file

    return Member(info.filename, info.file_size, info.CRC, opened)


def _compare(path: Path, members: list[Member]) -> None:
    with path.open("rb") as file:
        for block in serialised(members):
            if file.read(len(block)) != block:
                raise Changed(
                    "The ZIP file itself was changed: it is not written the way the box wrote it."
                )
        if file.read(1):
            raise Changed("Something was added behind the end of the ZIP file.")
    for member in members:
        crc = 0
        for block in member.blocks():
            crc = zlib.crc32(block, crc)
        if crc != member.crc:
            raise Changed(f"{member.name} was changed or damaged.")


def folder(path: Path) -> list[Member]:
    """The files of an unpacked bundle. Raises Changed for links and strange names."""
    found: list[Member] = []
    for one in sorted(path.rglob("*")):
        name = one.relative_to(path).as_posix()
        if one.is_symlink():
            raise Changed(f"{ascii(name)[:80]} is a link to another place instead of a file.")
        if one.is_dir():
            continue
        if not one.is_file() or NAME.fullmatch(name) is None:
            raise Changed(f"{ascii(name)[:80]} is not a file that a bundle has.")
        if len(found) >= MOST:
            raise Changed("There are far more files than a bundle has.")
        size = one.stat().st_size
        found.append(Member(name, size, 0, lambda one=one: one.open("rb")))  # type: ignore[misc]
    return found
