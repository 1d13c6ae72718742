"""The router's grid: places and millimetres, and what may lie where before anything is routed.

A place is row x columns + column; a cell is one number: layer x size + place.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable

from hardware.board.terminals import Rules, Terminal

BLOCKED = -1
FRAME = 4  # blocked cells round the region, so that no halo wraps


class Grid:
    """`static`: by cell the net (its number in `ids`) that alone may lie there, 0 for any; one map
    for the middles of tracks, one for the middles of vias. `no_via`: places inside pads.

    `walls`: x, y and radius of places without copper, in millimetres.
    """

    def __init__(
        self, rules: Rules, pads: list[Terminal], walls: Iterable[tuple[float, float, float]]
    ) -> None:
        self._rules = rules
        left, top, right, low = rules.region
        pitch = rules.pitch
        self._left, self._top = left - FRAME * pitch, top - FRAME * pitch
        self.cols = int((right - left) / pitch) + 1 + 2 * FRAME
        self._rows = int((low - top) / pitch) + 1 + 2 * FRAME
        self.size = self.cols * self._rows
        self.ids = {net: place for place, net in enumerate(sorted({p.net for p in pads}), 1)}
        self.static = [array("h", [0]) * (2 * self.size) for _ in range(2)]
        self.no_via = bytearray(self.size)
        for pad in pads:
            for layer in pad.layers:
                self._block(pad.box, layer, self.ids[pad.net])
            for place in self._inside(pad.box, rules.via / 2):
                self.no_via[place] = 1
        for x, y, radius in walls:
            self._forbid(x, y, radius)
        self._frame()

    def disc(self, radius: float) -> list[int]:
        """What must be added to a place to get those within `radius` steps of it."""
        reach = int(radius) + 1
        around = range(-reach, reach + 1)
        return [
            y * self.cols + x for x in around for y in around if x * x + y * y <= radius * radius
        ]

    def at(self, place: int) -> tuple[float, float]:
        """Where a place is, in millimetres."""
        row, column = divmod(place, self.cols)
        pitch = self._rules.pitch
        return round(self._left + column * pitch, 3), round(self._top + row * pitch, 3)

    def cells(self, pad: Terminal) -> set[int]:
        """The cells well inside a pad: a track that ends there also meets a round one."""
        left, top, right, low = pad.box
        dx, dy = (right - left) * 0.2, (low - top) * 0.2
        core = (left + dx, top + dy, right - dx, low - dy)
        inside = self._inside(core, 0.0) or self._inside(core, self._rules.pitch / 2)
        return {layer * self.size + place for layer in pad.layers for place in inside}

    def _frame(self) -> None:
        for row in range(self._rows):
            for column in range(self.cols):
                if not (FRAME <= row < self._rows - FRAME and FRAME <= column < self.cols - FRAME):
                    place = row * self.cols + column
                    self._shut(place)

    def _shut(self, place: int) -> None:
        for board in self.static:
            board[place] = board[place + self.size] = BLOCKED

    def _inside(self, box: tuple[float, ...], grow: float) -> list[int]:
        left, top, right, low = box
        pitch = self._rules.pitch

        def span(start: float, end: float, base: float, count: int) -> range:
            first = max(0, int((start - base) / pitch + 0.999999))
            return range(first, min(count - 1, int((end - base) / pitch)) + 1)

        columns = span(left - grow, right + grow, self._left, self.cols)
        rows = span(top - grow, low + grow, self._top, self._rows)
        return [row * self.cols + column for row in rows for column in columns]

    def _block(self, box: tuple[float, ...], layer: int, owner: int) -> None:
        left, top, right, low = box
        for board, half in zip(
            self.static, (self._rules.track / 2, self._rules.via / 2), strict=True
        ):
            grow = self._rules.clearance + half
            for place in self._inside(box, grow):
                x, y = self.at(place)
                dx, dy = max(left - x, 0.0, x - right), max(top - y, 0.0, y - low)
                if dx * dx + dy * dy < grow * grow:
                    cell = layer * self.size + place
                    board[cell] = owner if board[cell] in (0, owner) else BLOCKED

    def _forbid(self, x: float, y: float, radius: float) -> None:
        reach = radius + self._rules.via / 2
        for place in self._inside((x, y, x, y), reach):
            dx, dy = self.at(place)[0] - x, self.at(place)[1] - y
            if dx * dx + dy * dy <= reach * reach:
                self._shut(place)
