"""A sheet: symbols at places, wires between them, and the proof that they show the netlist.

Names, values and nets come from the circuit. A pin that no wire reaches gets a flag with its net's
name. `faults` reads the drawing back: pins, wire ends and flags that touch are one net, and that
must be the circuit's net, pin by pin.
"""

from __future__ import annotations

from typing import Any

import schemdraw
import schemdraw.elements as elm

from hardware.circuit.model import NOT_CONNECTED, Circuit

Point = tuple[float, float]
PLACES = 2  # decimals to which points are the same
SUPPLIES = {"3V3": "3V3", "3V3A": "3V3A", "5V": "5V"}


def _round(point: Any) -> Point:
    return round(float(point[0]), PLACES), round(float(point[1]), PLACES)


class Sheet:
    """One page. `pins`: (reference, pin number) -> where it ends, on this page."""

    def __init__(self, circuit: Circuit, title: str) -> None:
        self.circuit = circuit
        self.title = title
        self.drawing = schemdraw.Drawing(show=False)
        self.drawing.config(unit=2, fontsize=10, lw=1.2)
        self.pins: dict[tuple[str, str], Point] = {}
        self.wires: list[tuple[Point, Point]] = []
        self.flags: list[tuple[Point, str]] = []
        self.sides: dict[tuple[str, str], str] = {}
        self.hidden: set[tuple[str, str]] = set()

    def two(
        self,
        ref: str,
        element: type[Any],
        at: Point,
        way: str,
        one: str = "1",
        two: str = "2",
        length: float = 2.0,
        loc: str | None = None,
    ) -> None:
        """A part with two ends, from pin `one` at `at` to pin `two` `length` on (up, down, ...)."""
        part = self.circuit[ref]
        made = getattr(element(), way)(length).at(at)
        level = way in ("left", "right")
        made.label(
            f"{ref} {part.value}" if level else f"{ref}\n{part.value}",
            loc=loc or ("top" if level else "bottom"),
            fontsize=9,
            ofst=0.12,
        )
        self.drawing += made
        self.pins[ref, one] = _round(made.absanchors["start"])
        self.pins[ref, two] = _round(made.absanchors["end"])
        back = {"up": "down", "down": "up", "left": "right", "right": "left"}
        self.sides[ref, one], self.sides[ref, two] = back[way], way

    def amplifier(self, ref: str, unit: str, at: Point, names: tuple[str, str, str]) -> None:
        """One amplifier or comparator; `at` is its output; `names`: minus, plus and output pins."""
        part = self.circuit[ref]
        made = elm.Opamp(leads=True).right().at(at).anchor("out")
        made.label(f"{ref}{unit}\n{part.value}", loc="center", fontsize=8, ofst=(-0.35, 0))
        self.drawing += made
        for name, anchor, side in zip(
            names, ("in1", "in2", "out"), ("left", "left", "right"), strict=True
        ):
            self._pin(ref, name, made.absanchors[anchor], side)

    def chip(
        self,
        ref: str,
        at: Point,
        left: list[str],
        right: list[str],
        width: float = 3.0,
        pitch: float = 0.75,
        name: str = "",
    ) -> None:
        """A box with pins, by number, from top to bottom; `at` is the upper left corner."""
        part = self.circuit[ref]
        rows = max(len(left), len(right))
        height = rows * pitch + 0.5
        pins = []
        for side, numbers in (("L", left), ("R", right)):
            for place, num in enumerate(numbers):
                if not num:
                    continue
                pins.append(
                    elm.IcPin(
                        name=part.kind.pins[num][0],
                        pin=num,
                        side=side,
                        anchorname=f"p{num}",
                        pos=1 - (place * pitch + 0.5) / height,
                    )
                )
        made = elm.Ic(pins=pins, size=(width, height), leadlen=0.6, plblsize=7, lsize=8).right()
        self.drawing += made.at((at[0], at[1] - height))
        self.drawing += (
            elm.Label()
            .at((at[0] + width / 2, at[1] + 0.3))
            .label(f"{ref} {name or part.value}", fontsize=9, halign="center", valign="bottom")
        )
        for side, numbers in (("left", left), ("right", right)):
            for num in numbers:
                if num:
                    self._pin(ref, num, made.absanchors[f"p{num}"], side)

    def power(self, ref: str, at: Point, pins: tuple[str, str]) -> None:
        """The supply pins of a part whose units stand apart."""
        self.chip(
            ref, at, [pins[0], pins[1]], [], width=1.8, name=f"{self.circuit[ref].value} supply"
        )

    def unused(self, ref: str, num: str) -> None:
        """A pin that the symbol does not show because it is not connected."""
        if self.circuit[ref].nets[num] != NOT_CONNECTED:
            raise ValueError(f"{ref}.{num} is connected: draw it")
        self.hidden.add((ref, num))

    def note(self, at: Point, text: str) -> None:
        """A remark."""
        self.drawing += elm.Label().at(at).label(text, fontsize=10, halign="left")

    def symbol(self, ref: str, made: Any, anchors: dict[str, tuple[str, str]]) -> Any:
        """Any other element; `anchors`: pin -> (anchor of the element, side its flag hangs on)."""
        self.drawing += made
        for name, (anchor, side) in anchors.items():
            self._pin(ref, name, made.absanchors[anchor], side)
        return made

    def _pin(self, ref: str, name: str, point: Any, side: str) -> None:
        kind = self.circuit[ref].kind
        num = name if name in kind.pins else next(n for n, (p, _) in kind.pins.items() if p == name)
        self.pins[ref, num] = _round(point)
        self.sides[ref, num] = side

    def at(self, ref: str, name: str) -> Point:
        """Where a pin ends, by number or name."""
        kind = self.circuit[ref].kind
        num = name if name in kind.pins else next(n for n, (p, _) in kind.pins.items() if p == name)
        return self.pins[ref, num]

    def wire(self, *points: Point) -> None:
        """Straight wires from point to point; level and upright only (a corner is put in)."""
        path = [_round(points[0])]
        for point in points[1:]:
            x, y = _round(point)
            if path[-1][0] != x and path[-1][1] != y:
                path.append((x, path[-1][1]))
            path.append((x, y))
        for one, two in zip(path, path[1:], strict=False):
            if one != two:
                self.drawing += elm.Line().at(one).to(two)
                self.wires.append((one, two))

    def dot(self, point: Point) -> None:
        """A joint of three wires."""
        self.drawing += elm.Dot(radius=0.06).at(point)

    def flag(self, point: Point, net: str, side: str) -> None:
        """A net's name on a point; ground and supplies as their symbols."""
        point = _round(point)
        self.flags.append((point, net))
        if net == "GND":
            self.drawing += elm.Ground(lead=False).right().at(point).scale(0.6)
        elif net in SUPPLIES and side in ("up", "left", "right"):
            self.drawing += elm.Vdd(lead=False).right().at(point).label(net, fontsize=8).scale(0.6)
        else:
            made = elm.Tag(width=0.22 * len(net) + 0.5, height=0.42).at(point)
            made.theta({"right": 0, "left": 180, "up": 90, "down": -90}[side])
            self.drawing += made.label(
                net, fontsize=7.5, rotate=90 if side in ("up", "down") else 0, valign="center"
            )

    def finish(self) -> None:
        """Flags for every pin whose net the wires do not show whole; then the title."""
        every = self.circuit.nets()
        for key, point in self.pins.items():
            ref, num = key
            net = self.circuit[ref].nets[num]
            if net == NOT_CONNECTED:
                self.drawing += elm.NoConnect().at(point).scale(0.6)
                continue
            group = self._group(point)
            if any(_round(where) in group for where, name in self.flags if name == net):
                continue
            here = {pin for pin, where in self.pins.items() if where in group}
            if not set(every[net]) <= here:
                self.flag(point, net, self.sides[key])
        box = self.drawing.get_bbox()
        self.drawing += (
            elm.Label()
            .at((box.xmin, box.ymin - 1.0))
            .label(
                f"{self.circuit.title}, revision {self.circuit.revision}: {self.title}."
                " Drawn from hardware/circuit; no board has been built.",
                fontsize=11,
                halign="left",
            )
        )

    def _group(self, start: Point) -> set[Point]:
        """Every wire end and pin that touches a point, through wires."""
        found, waiting = {start}, [start]
        points = set(self.pins.values()) | {where for where, _ in self.flags}
        points |= {end for wire in self.wires for end in wire}
        while waiting:
            point = waiting.pop()
            for one, two in self.wires:
                if _on(point, one, two):
                    touched = {one, two} | {p for p in points if _on(p, one, two)}
                    waiting += touched - found
                    found |= touched
        return found

    def faults(self) -> list[str]:
        """Where the drawing says something else than the circuit; read from its geometry."""
        found = []
        seen: set[Point] = set()
        every = self.circuit.nets()
        for (ref, num), point in self.pins.items():
            if point in seen or self.circuit[ref].nets[num] == NOT_CONNECTED:
                if self.circuit[ref].nets[num] == NOT_CONNECTED and len(self._group(point)) > 1:
                    found.append(f"{self.title}: {ref}.{num} is wired, and NC in the circuit")
                continue
            group = self._group(point)
            seen |= group
            here = {pin for pin, where in self.pins.items() if where in group}
            nets = {self.circuit[r].nets[n] for r, n in here}
            names = {name for where, name in self.flags if where in group}
            if len(nets) > 1:
                found.append(f"{self.title}: {sorted(here)} touch, and are {sorted(nets)}")
            net = self.circuit[ref].nets[num]
            if names and names != {net}:
                found.append(f"{self.title}: {ref}.{num} is flagged {sorted(names)}, is {net}")
            if not names and not set(every[net]) <= here:
                found.append(f"{self.title}: {ref}.{num} shows only a part of {net}")
        return found


def _on(point: Point, one: Point, two: Point) -> bool:
    (x, y), (x1, y1), (x2, y2) = point, one, two
    within = min(x1, x2) <= x <= max(x1, x2) and min(y1, y2) <= y <= max(y1, y2)
    return within and abs((x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)) < 1e-6
