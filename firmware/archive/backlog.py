"""The samples of one recording that no medium has confirmed yet, the oldest first."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator


class Backlog:
    """Pieces of little-endian 16-bit PCM, each with its place in the call, in samples."""

    def __init__(self) -> None:
        self.bytes = 0
        self._pieces: deque[tuple[int, bytes]] = deque()

    def __bool__(self) -> bool:
        return bool(self._pieces)

    def __iter__(self) -> Iterator[bytes]:
        return (data for _, data in self._pieces)

    @property
    def begins(self) -> int:
        """The place of the oldest sample; there must be one."""
        return self._pieces[0][0]

    def add(self, offset: int, data: bytes) -> None:
        """More came in."""
        self._pieces.append((offset, data))
        self.bytes += len(data)

    def confirmed(self, end: int) -> bool:
        """Let go of what is on a medium, the samples before `end`; whether that was any."""
        before = self.bytes
        while self._pieces and self._pieces[0][0] < end:
            offset, data = self._pieces[0]
            self._pop()
            if offset + len(data) // 2 > end:
                rest = data[2 * (end - offset) :]
                self._pieces.appendleft((end, rest))
                self.bytes += len(rest)
        return self.bytes < before

    def shed(self, count: int) -> tuple[int, int]:
        """Let go of the oldest `count` bytes, or a piece more: from which sample to which."""
        begin, end, before = self.begins, self.begins, self.bytes
        while self._pieces and before - self.bytes < count:
            end = self._pop()
        return begin, end

    def _pop(self) -> int:
        offset, data = self._pieces.popleft()
        self.bytes -= len(data)
        return offset + len(data) // 2

    def clear(self) -> None:
        """None of it is wanted any more."""
        self._pieces.clear()
        self.bytes = 0
