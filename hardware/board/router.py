"""A grid router for two outer layers: A* with rip-up, pure Python, no KiCad.

Every net may cross another's track at a price; the net that was crossed is taken up again and
routed anew, and the place gets dearer each time, until no net crosses another. Pads never give way.
Nets of an inner plane only need a via beside each pad.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field

Cell = tuple[int, int, int]  # layer, column, row
TURNS = 60
BLOCKED = -1


@dataclass(frozen=True, slots=True)
class Rules:
    """Millimetres. `region`: left, top, right, low, inside which copper may lie."""

    track: float
    clearance: float
    via: float
    region: tuple[float, float, float, float]
    pitch: float = 0.1


@dataclass(frozen=True, slots=True)
class Terminal:
    """A pad: its box in millimetres and the layers (0 top, 1 bottom) on which it can be met."""

    net: str
    box: tuple[float, float, float, float]
    layers: tuple[int, ...]


@dataclass(slots=True)
class Route:
    """What a net got: runs of cells on a layer, and vias."""

    paths: list[list[Cell]] = field(default_factory=list)
    vias: set[tuple[int, int]] = field(default_factory=set)
    halo: set[Cell] = field(default_factory=set)


def _disc(radius: float) -> list[tuple[int, int]]:
    reach = int(radius) + 1
    around = range(-reach, reach + 1)
    return [(x, y) for x in around for y in around if x * x + y * y <= radius * radius]


class Router:
    """Pads in, tracks out. `failed` names the nets that found no way."""

    def __init__(self, rules: Rules, pads: list[Terminal], walls: Iterable[tuple[float, float, float]]) -> None:
        self._rules = rules
        left, top, right, low = rules.region
        self._left, self._top = left, top
        self._cols = int((right - left) / rules.pitch) + 1
        self._rows = int((low - top) / rules.pitch) + 1
        size = self._cols * self._rows
        self._ids = {net: place for place, net in enumerate(sorted({p.net for p in pads}), 1)}
        self._static = [[0] * size for _ in range(2)]
        self._no_via = bytearray(size)
        self._pads: dict[str, list[Terminal]] = {}
        self._taken: dict[Cell, dict[int, int]] = {}
        self._dear: dict[Cell, int] = {}
        self.routes: dict[str, Route] = {}
        pitch = rules.pitch
        self._track_halo = _disc((rules.track + rules.clearance) / pitch)
        self._via_halo = _disc((rules.via / 2 + rules.clearance + rules.track / 2) / pitch)
        self._via_test = _disc((rules.via - rules.track) / 2 / pitch)
        for pad in pads:
            self._pads.setdefault(pad.net, []).append(pad)
            for layer in pad.layers:
                self._block(pad.box, layer, self._ids[pad.net])
            for column, row in self._inside(pad.box, rules.via / 2):
                self._no_via[row * self._cols + column] = 1
        for wall in walls:
            self._forbid(*wall)

    def _inside(self, box: tuple[float, ...], grow: float) -> list[tuple[int, int]]:
        left, top, right, low = box
        pitch = self._rules.pitch

        def span(start: float, end: float, base: float, count: int) -> range:
            first = max(0, int((start - base) / pitch + 0.999999))
            return range(first, min(count - 1, int((end - base) / pitch)) + 1)

        columns = span(left - grow, right + grow, self._left, self._cols)
        rows = span(top - grow, low + grow, self._top, self._rows)
        return [(column, row) for column in columns for row in rows]

    def _block(self, box: tuple[float, ...], layer: int, owner: int) -> None:
        grow = self._rules.clearance + self._rules.track / 2
        board = self._static[layer]
        left, top, right, low = box
        for column, row in self._inside(box, grow):
            x, y = self._left + column * self._rules.pitch, self._top + row * self._rules.pitch
            dx, dy = max(left - x, 0.0, x - right), max(top - y, 0.0, y - low)
            if dx * dx + dy * dy > grow * grow:
                continue
            place = row * self._cols + column
            board[place] = owner if board[place] in (0, owner) else BLOCKED

    def _forbid(self, x: float, y: float, radius: float) -> None:
        """No copper within `radius` of a point."""
        reach = radius + self._rules.track / 2
        pitch = self._rules.pitch
        for column, row in self._inside((x, y, x, y), reach):
            dx, dy = self._left + column * pitch - x, self._top + row * pitch - y
            if dx * dx + dy * dy <= reach * reach:
                for board in self._static:
                    board[row * self._cols + column] = BLOCKED

    def _cells(self, pad: Terminal) -> set[Cell]:
        inside = self._inside(pad.box, -0.02) or self._inside(pad.box, 0.05)
        return {(layer, column, row) for layer in pad.layers for column, row in inside}

    def _price(self, cell: Cell, owner: int) -> int:
        """What entering a cell costs beside its length; -1 where it is forbidden."""
        layer, column, row = cell
        if not (0 <= column < self._cols and 0 <= row < self._rows):
            return -1
        static = self._static[layer][row * self._cols + column]
        if static not in (0, owner):
            return -1
        price = self._dear.get(cell, 0)
        users = self._taken.get(cell)
        if users and (len(users) > 1 or owner not in users):
            price += 60
        return price

    def _via_ok(self, column: int, row: int, owner: int) -> int:
        if self._no_via[row * self._cols + column]:
            return -1
        total = 0
        for layer in (0, 1):
            for dx, dy in self._via_test:
                price = self._price((layer, column + dx, row + dy), owner)
                if price < 0:
                    return -1
                total = max(total, price)
        return total

    def _search(
        self, sources: set[Cell], targets: set[Cell], owner: int, to_plane: bool
    ) -> list[Cell] | None:
        left = right = top = low = 0
        if not sources or not (targets or to_plane):
            return None
        if targets:
            left = min(cell[1] for cell in targets)
            right = max(cell[1] for cell in targets)
            top = min(cell[2] for cell in targets)
            low = max(cell[2] for cell in targets)

        def ahead(cell: Cell) -> int:
            if to_plane:
                return 0
            dx = max(left - cell[1], 0, cell[1] - right)
            dy = max(top - cell[2], 0, cell[2] - low)
            return 10 * max(dx, dy) + 4 * min(dx, dy)

        best = dict.fromkeys(sources, 0)
        came: dict[Cell, Cell | None] = dict.fromkeys(sources, None)
        heap = [(ahead(cell), cell) for cell in sorted(sources)]
        heapq.heapify(heap)
        done: set[Cell] = set()
        while heap:
            _, cell = heapq.heappop(heap)
            if cell in done:
                continue
            done.add(cell)
            layer, column, row = cell
            if cell in targets or (to_plane and self._via_ok(column, row, owner) == 0):
                path = [cell]
                while (before := came[path[-1]]) is not None:
                    path.append(before)
                return path[::-1]
            for dx, dy, step in _STEPS:
                onward = (layer, column + dx, row + dy)
                price = self._price(onward, owner)
                if price < 0:
                    continue
                cost = best[cell] + step + price
                if cost < best.get(onward, 1 << 30):
                    best[onward], came[onward] = cost, cell
                    heapq.heappush(heap, (cost + ahead(onward), onward))
            if to_plane:
                continue
            onward = (1 - layer, column, row)
            if best[cell] + 90 < best.get(onward, 1 << 30):
                price = self._via_ok(column, row, owner)
                if price >= 0:
                    cost = best[cell] + 90 + price
                    if cost < best.get(onward, 1 << 30):
                        best[onward], came[onward] = cost, cell
                        heapq.heappush(heap, (cost + ahead(onward), onward))
        return None

    def _lay(self, net: str, plane: bool) -> bool:
        owner, route = self._ids[net], Route()
        pads = [self._cells(pad) for pad in self._pads[net]]
        if plane:
            for pad, cells in zip(self._pads[net], pads, strict=True):
                if len(pad.layers) == 2:
                    continue
                path = self._search(cells, set(), owner, True)
                if path is None:
                    return False
                route.paths.append(path)
                route.vias.add(path[-1][1:])
        else:
            tree, rest = set(pads[0]), pads[1:]
            while rest:
                path = self._search(tree, set().union(*rest), owner, False)
                if path is None:
                    return False
                tree |= set(path)
                for cells in [cells for cells in rest if path[-1] in cells]:
                    tree |= cells
                    rest.remove(cells)
                route.paths.append(path)
                for one, two in zip(path, path[1:], strict=False):
                    if one[0] != two[0]:
                        route.vias.add(one[1:])
        self._claim(net, route)
        return True

    def _claim(self, net: str, route: Route) -> None:
        owner = self._ids[net]
        for path in route.paths:
            for layer, column, row in path:
                route.halo.update((layer, column + x, row + y) for x, y in self._track_halo)
        for column, row in route.vias:
            for layer in (0, 1):
                route.halo.update((layer, column + x, row + y) for x, y in self._via_halo)
        for cell in route.halo:
            self._taken.setdefault(cell, {})[owner] = 1
        self.routes[net] = route

    def _rip(self, net: str) -> None:
        owner = self._ids[net]
        for cell in self.routes.pop(net).halo:
            self._taken[cell].pop(owner, None)
            if not self._taken[cell]:
                del self._taken[cell]

    def _crossed(self, net: str) -> set[str]:
        owner, route = self._ids[net], self.routes[net]
        names = {place: name for name, place in self._ids.items()}
        found = set()
        spots = {cell for path in route.paths for cell in path}
        for column, row in route.vias:
            for x, y in self._via_test:
                spots |= {(0, column + x, row + y), (1, column + x, row + y)}
        for cell in spots:
            for user in self._taken.get(cell, ()):
                if user != owner:
                    found.add(names[user])
                    self._dear[cell] = self._dear.get(cell, 0) + 6
        return found

    def route(self, planes: set[str]) -> list[str]:
        """Route every net of two pads and more; the names of those that failed."""

        def size(net: str) -> float:
            boxes = [pad.box for pad in self._pads[net]]
            return (max(b[2] for b in boxes) - min(b[0] for b in boxes)) + (
                max(b[3] for b in boxes) - min(b[1] for b in boxes)
            )

        nets = [net for net in self._pads if len(self._pads[net]) > 1]
        queue = sorted(nets, key=lambda net: (net not in planes, size(net)))
        failed: list[str] = []
        tries: dict[str, int] = {}
        while queue:
            net = queue.pop(0)
            tries[net] = tries.get(net, 0) + 1
            if tries[net] > TURNS:
                failed.append(net)
                continue
            if not self._lay(net, net in planes):
                failed.append(net)
                continue
            for other in sorted(self._crossed(net)):
                self._rip(other)
                queue.append(other)
        return sorted(set(failed))

    def tracks(self, net: str) -> list[tuple[int, float, float, float, float]]:
        """Straight tracks of a net: layer, start, end in millimetres."""
        found = []
        for path in self.routes[net].paths:
            start = 0
            for place in range(1, len(path) + 1):
                if place < len(path) and path[place][0] == path[start][0]:
                    if place == start + 1:
                        continue
                    if _way(path[place - 1], path[place]) == _way(path[start], path[start + 1]):
                        continue
                last = place - 1
                if last > start:
                    found.append((path[start][0], *self._at(path[start]), *self._at(path[last])))
                changed = place < len(path) and path[place][0] != path[last][0]
                start = place if changed else last
        return found

    def _at(self, cell: Cell) -> tuple[float, float]:
        pitch = self._rules.pitch
        return round(self._left + cell[1] * pitch, 3), round(self._top + cell[2] * pitch, 3)

    def vias(self, net: str) -> list[tuple[float, float]]:
        """Vias of a net, in millimetres."""
        return [self._at((0, column, row)) for column, row in sorted(self.routes[net].vias)]


_STEPS = (
    (1, 0, 10), (-1, 0, 10), (0, 1, 10), (0, -1, 10), (1, 1, 14), (1, -1, 14), (-1, 1, 14), (-1, -1, 14),
)


def _way(one: Cell, two: Cell) -> tuple[int, int]:
    return two[1] - one[1], two[2] - one[2]
