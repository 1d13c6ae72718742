"""A grid router for two outer layers: A* with rip-up, pure Python, no KiCad.

Every net may cross another's track at a price; the net that was crossed is taken up again and
routed anew, and the place gets dearer each time, until no net crosses another. Pads never give way.
Nets of an inner plane only need a via beside each pad.
"""

from __future__ import annotations

import heapq
from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field

from hardware.board.grid import Grid
from hardware.board.terminals import Rules, Terminal

TURNS = 150
STEP, DIAGONAL, VIA, CROSSING, DEARER = 10, 14, 70, 60, 10


@dataclass(slots=True)
class Route:
    """What a net got: runs of cells, vias by their place, and the cells kept clear round them."""

    paths: list[list[int]] = field(default_factory=list)
    vias: set[int] = field(default_factory=set)
    halos: tuple[set[int], set[int]] = field(default_factory=lambda: (set(), set()))


class Router:
    """Pads in, tracks out. `walls`: x, y and radius of places without copper, in millimetres."""

    def __init__(
        self, rules: Rules, pads: list[Terminal], walls: Iterable[tuple[float, float, float]]
    ) -> None:
        self._grid = Grid(rules, pads, walls)
        size, pitch = self._grid.size, rules.pitch
        # One map for the middles of tracks, one for the middles of vias.
        self._users = [bytearray(2 * size) for _ in range(2)]
        self._dear = [array("i", [0]) * (2 * size) for _ in range(2)]
        self._owners: list[dict[int, set[str]]] = [{}, {}]
        self._pads: dict[str, list[Terminal]] = {}
        for pad in pads:
            self._pads.setdefault(pad.net, []).append(pad)
        self.routes: dict[str, Route] = {}
        near = rules.track / 2, rules.via / 2
        # [what is there: track or via][what comes near: track or via]
        self._halos = [
            [self._grid.disc((there + rules.clearance + comes) / pitch) for comes in near]
            for there in near
        ]
        self._near: set[int] = set()  # too near to a via of the net being laid
        self._hole_space = self._grid.disc((rules.via / 2 + 0.25) / pitch)

    def _via_price(self, place: int, owner: int) -> int:
        """What a via there crosses; -1 where none may be."""
        if self._grid.no_via[place] or place in self._near:
            return -1
        price = 0
        for cell in (place, place + self._grid.size):
            if self._grid.static[1][cell] not in (0, owner):
                return -1
            price += self._dear[1][cell] + (CROSSING if self._users[1][cell] else 0)
        return price

    def _search(
        self, sources: set[int], targets: set[int], owner: int, to_plane: bool
    ) -> list[int] | None:
        """The cheapest way from `sources` to `targets`, or to any free place for a via."""
        size, cols = self._grid.size, self._grid.cols
        static, users, dear = self._grid.static[0], self._users[0], self._dear[0]
        if not sources or not (targets or to_plane):
            return None
        places = [cell % size for cell in targets] or [0]
        left, right = min(p % cols for p in places), max(p % cols for p in places)
        top, low = min(p // cols for p in places), max(p // cols for p in places)

        def ahead(cell: int) -> int:
            if to_plane:
                return 0
            row, column = divmod(cell % size, cols)
            dx = left - column if column < left else column - right if column > right else 0
            dy = top - row if row < top else row - low if row > low else 0
            return 11 * dx + 5 * dy if dx > dy else 11 * dy + 5 * dx

        steps = [(away, STEP) for away in (1, -1, cols, -cols)]
        steps += [(away, DIAGONAL) for away in (cols + 1, cols - 1, 1 - cols, -cols - 1)]
        best = dict.fromkeys(sources, 0)
        came = dict.fromkeys(sources, -1)
        heap = [(ahead(cell), cell) for cell in sources]
        heapq.heapify(heap)
        done: set[int] = set()
        while heap:
            _, cell = heapq.heappop(heap)
            if cell in done:
                continue
            done.add(cell)
            if cell in targets or (to_plane and self._via_price(cell % size, owner) == 0):
                path = [cell]
                while came[path[-1]] >= 0:
                    path.append(came[path[-1]])
                return path[::-1]
            base = best[cell]
            for away, step in steps:
                onward = cell + away
                if onward in done or static[onward] not in (0, owner):
                    continue
                cost = base + step + dear[onward] + (CROSSING if users[onward] else 0)
                if cost < best.get(onward, 1 << 30):
                    best[onward], came[onward] = cost, cell
                    heapq.heappush(heap, (cost + ahead(onward), onward))
            if to_plane:
                continue
            onward = cell + size if cell < size else cell - size
            if base + VIA < best.get(onward, 1 << 30):
                price = self._via_price(cell % size, owner)
                if price >= 0 and base + VIA + price < best.get(onward, 1 << 30):
                    best[onward], came[onward] = base + VIA + price, cell
                    heapq.heappush(heap, (base + VIA + price + ahead(onward), onward))
        return None

    def _lay(self, net: str, plane: bool) -> bool:
        owner, route, size = self._grid.ids[net], Route(), self._grid.size
        pads = [self._grid.cells(pad) for pad in self._pads[net]]
        self._near = set()
        if plane:
            for pad, cells in zip(self._pads[net], pads, strict=True):
                if len(pad.layers) == 2:
                    continue  # through the plane already
                path = self._search(cells, set(), owner, True)
                if path is None:
                    return False
                route.paths.append(path)
                self._add_via(route, path[-1] % size)
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
                    if one // size != two // size:
                        self._add_via(route, one % size)
        self._claim(net, route)
        return True

    def _add_via(self, route: Route, place: int) -> None:
        route.vias.add(place)
        self._near |= {place + away for away in self._hole_space}
        self._near -= route.vias

    def _claim(self, net: str, route: Route) -> None:
        for comes, halo in enumerate(route.halos):
            beside_track, beside_via = self._halos[0][comes], self._halos[1][comes]
            for path in route.paths:
                for cell in path:
                    halo.update(cell + away for away in beside_track)
            for place in route.vias:
                for away in beside_via:
                    halo.update((place + away, place + away + self._grid.size))
            for cell in halo:
                if 0 <= cell < 2 * self._grid.size:
                    owners = self._owners[comes].setdefault(cell, set())
                    owners.add(net)
                    self._users[comes][cell] = min(255, len(owners))
        self.routes[net] = route

    def _rip(self, net: str) -> None:
        for comes, halo in enumerate(self.routes.pop(net).halos):
            for cell in halo:
                if owners := self._owners[comes].get(cell):
                    owners.discard(net)
                    self._users[comes][cell] = min(255, len(owners))

    def _crossed(self, net: str) -> set[str]:
        """The nets whose copper is too near to this one's; those places get dearer."""
        route, size = self.routes[net], self._grid.size
        spots = (
            {cell for path in route.paths for cell in path},
            {cell for place in route.vias for cell in (place, place + size)},
        )
        found = set()
        for comes, cells in enumerate(spots):
            for cell in cells:
                others = self._owners[comes].get(cell, set()) - {net}
                if others:
                    found |= others
                    self._dear[comes][cell] += DEARER
        return found

    def route(self, planes: set[str]) -> list[str]:
        """Route every net of two pads and more; the names of those that failed."""

        def extent(net: str) -> float:
            boxes = [pad.box for pad in self._pads[net]]
            width = max(box[2] for box in boxes) - min(box[0] for box in boxes)
            return width + max(box[3] for box in boxes) - min(box[1] for box in boxes)

        nets = [net for net in self._pads if len(self._pads[net]) > 1]
        queue = sorted(nets, key=lambda net: (net not in planes, extent(net)))
        failed: set[str] = set()
        tries: dict[str, int] = {}
        while queue:
            net = queue.pop(0)
            tries[net] = tries.get(net, 0) + 1
            if tries[net] > TURNS or not self._lay(net, net in planes):
                failed.add(net)
                continue
            for other in sorted(self._crossed(net)):
                self._rip(other)
                queue.append(other)
        return sorted(failed)

    def tracks(self, net: str) -> list[tuple[int, float, float, float, float]]:
        """Straight tracks of a net: layer, start, end in millimetres."""
        found = []
        size = self._grid.size
        for path in self.routes[net].paths:
            start = 0
            for place in range(1, len(path) + 1):
                if place < len(path):
                    step = path[place] - path[place - 1]
                    if abs(step) < size - self._grid.cols and (
                        place == start + 1 or step == path[start + 1] - path[start]
                    ):
                        continue
                last = place - 1
                if last > start:
                    ends = (*self._grid.at(path[start] % size), *self._grid.at(path[last] % size))
                    found.append((path[start] // size, *ends))
                through = place < len(path) and path[place] // size != path[last] // size
                start = place if through else last
        return found

    def vias(self, net: str) -> list[tuple[float, float]]:
        """Vias of a net, in millimetres."""
        return [self._grid.at(place) for place in sorted(self.routes[net].vias)]
