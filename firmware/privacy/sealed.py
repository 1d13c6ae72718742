"""Sealed files: encrypted in chunks, so that any byte range can be read and written.

    header  48 bytes   b"TIPSEAL1", cipher, block where the chunks begin, chunk size, own salt
    chunk   12 + n + 16 bytes   nonce, ciphertext, tag; every chunk but the last is full

Each file has its own key (HKDF-SHA-256 of the call's key and the file's salt). Each time a chunk is
written it gets a fresh random nonce, so a chunk may be written again; its place in the file is
authenticated with it, so chunks cannot change places. Plaintext never reaches the medium.

What was written lies in memory until its chunk is full: `chunk` bytes at most are behind after
`sync`. A file that was cut off by a power cut reads up to its last whole chunk.
"""

from __future__ import annotations

import io
import os
import struct
from pathlib import Path
from typing import Any

from firmware.privacy.errors import SealBroken

MAGIC = b"TIPSEAL1"
HEADER = struct.Struct(">8sBB2xI32s")
NONCE, TAG = 12, 16
EXTRA = NONCE + TAG
BLOCK = 4096  # what media and file systems write at once
# A quarter of a second at 8 kHz: what a power cut may take of a running call. With nonce and tag it
# is a block of the medium, and the first one begins at a block: a sync writes no block twice.
PART_CHUNK = BLOCK - EXTRA
SMALL_CHUNK = 4096
FILE_CHUNK = 32768
AES_256_GCM, CHACHA20_POLY1305 = 1, 2
CPUINFO = Path("/proc/cpuinfo")


def cipher_for(cpuinfo: str) -> int:
    """AES where the processor has it (Pi 5, PCs), ChaCha20 where not (Pi Zero 2 W, 3, 4)."""
    for line in cpuinfo.splitlines():
        name, _, flags = line.partition(":")
        if name.strip().lower() in ("flags", "features"):
            return AES_256_GCM if "aes" in flags.split() else CHACHA20_POLY1305
    return CHACHA20_POLY1305


def _own_cipher() -> int:
    try:
        return cipher_for(CPUINFO.read_text("ascii", "replace"))
    except OSError:
        return CHACHA20_POLY1305


def _aead(cipher: int, key: bytes, salt: bytes) -> Any:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    own = HKDF(SHA256(), 32, salt, b"tipring sealed file").derive(key)
    if cipher == AES_256_GCM:
        return AESGCM(own)
    if cipher == CHACHA20_POLY1305:
        return ChaCha20Poly1305(own)
    raise SealBroken("The file is sealed with a cipher that this Tipring does not know.")


class SealedFile(io.RawIOBase):
    """A file object for soundfile, `http` ranges and everything else; not for two threads at once.

    `mode`: "x" makes the file and writes, "r" reads, "r+" does both. `key`: the call's 32 bytes.
    With `torn`, a last chunk that a power cut spoilt counts as not written. Raises SealBroken.
    """

    def __init__(
        self,
        path: Path,
        key: bytes,
        mode: str = "r",
        chunk: int = FILE_CHUNK,
        torn: bool = False,
        cipher: int | None = None,
    ) -> None:
        super().__init__()
        self.path = path
        self._writes = mode in ("x", "r+")
        self._file = path.open({"x": "x+b", "r": "rb", "r+": "r+b"}[mode], buffering=0)
        try:
            self._open(key, mode, chunk, torn, _own_cipher() if cipher is None else cipher)
        except BaseException:
            self._file.close()
            raise

    def _open(self, key: bytes, mode: str, chunk: int, torn: bool, cipher: int) -> None:
        if mode == "x":
            self._salt = os.urandom(32)
            blocks = 1 if chunk + EXTRA == BLOCK else 0
            self._put(0, HEADER.pack(MAGIC, cipher, blocks, chunk, self._salt))
            self._chunk = chunk
        else:
            header = os.pread(self._file.fileno(), HEADER.size, 0)
            if len(header) != HEADER.size or header[:8] != MAGIC:
                raise SealBroken(f"{self.path}: not a sealed file.")
            _, cipher, blocks, self._chunk, self._salt = HEADER.unpack(header)
            if not 16 <= self._chunk <= 1 << 24:
                raise SealBroken(f"{self.path}: the header is damaged.")
        self._aead = _aead(cipher, key, self._salt)
        self._at = 0
        self._held: tuple[int, bytearray] | None = None
        self._dirty = False
        self._start = BLOCK * blocks or HEADER.size
        stored = max(0, os.fstat(self._file.fileno()).st_size - self._start)
        whole, rest = divmod(max(0, stored), self._chunk + EXTRA)
        self._size = whole * self._chunk + max(0, rest - EXTRA)
        if torn:
            self._drop_torn(whole, rest)

    def _drop_torn(self, whole: int, rest: int) -> None:
        """Spoilt chunks at the end count as not written; one before a good one stays an error.

        Where not one is good they are kept: it is the medium that is bad, and not the last second.
        """
        if 0 < rest <= EXTRA:
            rest = 0
        last = size = whole + bool(rest)
        while last and not self._is_good(last - 1):
            last -= 1
            self._size = last * self._chunk
        if not last and size > 1:
            self._size = whole * self._chunk + max(0, rest - EXTRA)
        elif self._writes and last < size:
            os.ftruncate(self._file.fileno(), self._start + last * (self._chunk + EXTRA))

    def _is_good(self, index: int) -> bool:
        try:
            self._load(index)
        except OSError:
            self._held = None
            return False
        return True

    @property
    def chunk(self) -> int:
        """Bytes that are sealed together: what is spoilt is spoilt by so many."""
        return self._chunk

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return self._writes

    def seekable(self) -> bool:
        return True

    def fileno(self) -> int:
        """For locks and syncs of who writes; who reads would get at what is sealed by it."""
        if not self._writes:
            raise io.UnsupportedOperation("what is sealed is read through this object only")
        return self._file.fileno()

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError("before the beginning of the file")
        self._at = base + offset
        return self._at

    def readinto(self, into: Any) -> int:
        """Fill the buffer from here on. Raises SealBroken."""
        view = memoryview(into).cast("B")
        done = 0
        while done < len(view) and self._at < self._size:
            index, skip = divmod(self._at, self._chunk)
            part = self._load(index)[skip : skip + len(view) - done]
            if not part:
                raise SealBroken(f"{self.path}: a piece is missing.")
            view[done : done + len(part)] = part
            done += len(part)
            self._at += len(part)
        return done

    def write(self, data: Any) -> int:
        """Write all of it at the place of `tell`."""
        view = memoryview(data).cast("B")
        if len(view) and self._at > self._size:
            self._fill_up()
        done = 0
        while done < len(view):
            index, skip = divmod(self._at, self._chunk)
            held = self._load(index)
            part = view[done : done + self._chunk - skip]
            held[skip : skip + len(part)] = part
            self._dirty = True
            done += len(part)
            self._at += len(part)
            self._size = max(self._size, self._at)
            if skip + len(part) == self._chunk:
                self._store()
        return done

    def _fill_up(self) -> None:
        at, self._at = self._at, self._size
        while self._at < at:
            self.write(bytes(min(self._chunk, at - self._at)))

    def truncate(self, size: int | None = None) -> int:
        """Cut the file off at its end: what was taken ahead behind it is given back."""
        size = self._at if size is None else size
        if size != self._size:
            raise OSError(95, "a sealed file is not cut")
        self._store()
        whole, rest = divmod(size, self._chunk)
        end = self._start + whole * (self._chunk + EXTRA) + (rest + EXTRA if rest else 0)
        os.ftruncate(self._file.fileno(), end)
        return size

    def sync(self) -> None:
        """Put every full chunk on the medium; the last one follows when it is full, or at close."""
        if self._held is not None and len(self._held[1]) == self._chunk:
            self._store()
        os.fdatasync(self._file.fileno())

    def close(self) -> None:
        """Store the last chunk and let the file go."""
        if not self.closed:
            try:
                if self._writes:
                    self._store()
                    os.fsync(self._file.fileno())
            finally:
                self._file.close()
                self._held = None
                super().close()

    def _load(self, index: int) -> bytearray:
        if self._held is not None and self._held[0] == index:
            return self._held[1]
        self._store()
        length = min(self._chunk, max(0, self._size - index * self._chunk))
        plain = bytearray()
        if length:
            stored = os.pread(self._file.fileno(), length + EXTRA, self._place(index))
            plain = bytearray(self._opened(index, stored))
        self._held = (index, plain)
        return plain

    def _opened(self, index: int, stored: bytes) -> bytes:
        from cryptography.exceptions import InvalidTag

        try:
            plain = self._aead.decrypt(stored[:NONCE], stored[NONCE:], self._said(index))
        except (InvalidTag, ValueError) as error:
            raise SealBroken(
                f"{self.path}: the piece at {index * self._chunk} bytes was changed or damaged, or"
                " the key is of another call."
            ) from error
        return bytes(plain)

    def _store(self) -> None:
        if self._held is None or not self._dirty:
            return
        index, plain = self._held
        nonce = os.urandom(NONCE)
        sealed = self._aead.encrypt(nonce, bytes(plain), self._said(index))
        self._put(self._place(index), nonce + sealed)
        self._dirty = False

    def _said(self, index: int) -> bytes:
        return MAGIC + struct.pack(">Q", index)

    def _place(self, index: int) -> int:
        return self._start + index * (self._chunk + EXTRA)

    def _put(self, at: int, data: bytes) -> None:
        view = memoryview(data)
        while view:
            done = os.pwrite(self._file.fileno(), view, at)
            view, at = view[done:], at + done


def write_sealed(path: Path, key: bytes, data: bytes) -> None:
    """Write a small file whole, or leave what was there."""
    temporary = path.with_name(path.name + ".tmp")
    temporary.unlink(missing_ok=True)
    with SealedFile(temporary, key, "x", chunk=SMALL_CHUNK) as file:
        file.write(data)
    temporary.replace(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
