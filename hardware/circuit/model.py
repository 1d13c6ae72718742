"""What a circuit is: parts, their pins, the nets that join them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

NOT_CONNECTED = "NC"
# What a pin does, for the electrical rules.
PASSIVE, INPUT, OUTPUT, OPEN, POWER, SUPPLY, FREE = (
    "passive",
    "input",
    "output",
    "open drain",
    "power in",
    "power out",
    "not connected",
)
_SCALE = {"p": 1e-12, "n": 1e-9, "u": 1e-6, "m": 1e-3, "R": 1.0, "k": 1e3, "M": 1e6}


class CircuitError(Exception):
    """A part that is named twice, a pin that does not exist, or a value that is no number."""


def number(value: str) -> float:
    """The number of a value: "4k75" is 4750.0, "470p" is 4.7e-10. Raises CircuitError."""
    found = re.match(r"^(\d+)([pnumRkM])(\d+)|^(\d+(?:\.\d+)?) ?([pnumRkM]?)", value)
    if found is None:
        raise CircuitError(f"{value!r}: expected a number such as 4k75, 15k or 470p")
    whole, middle, rest, plain, unit = found.groups()
    if middle:
        return round(float(f"{whole}.{rest}") * _SCALE[middle], 15)
    return round(float(plain) * _SCALE.get(unit, 1.0), 15)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of part: pin number -> (name, what it does), and the letter of its reference."""

    name: str
    pins: dict[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Part:
    """One part on the board. `tolerance` is a fraction; `ratings` are the maker's limits, in SI."""

    ref: str
    kind: Kind
    value: str
    footprint: str
    nets: dict[str, str]
    maker: str = ""
    mpn: str = ""
    second: str = ""
    tolerance: float = 0.0
    ratings: dict[str, float] = field(default_factory=dict)
    note: str = ""
    sheet: str = ""

    @property
    def amount(self) -> float:
        """The value as a number in ohms or farads."""
        return number(self.value)

    def net(self, pin: str) -> str:
        """The net at a pin, by its number or its name."""
        if pin in self.nets:
            return self.nets[pin]
        for num, (name, _) in self.kind.pins.items():
            if name == pin:
                return self.nets[num]
        raise CircuitError(f"{self.ref} has no pin {pin}")


class Circuit:
    """Parts by reference, in the order in which they were added."""

    def __init__(self, title: str, revision: str) -> None:
        self.title = title
        self.revision = revision
        self.parts: dict[str, Part] = {}
        self.sheet = ""

    def add(self, ref: str, kind: Kind, value: str, footprint: str, **rest: object) -> Part:
        """Add a part. `pins`: net by pin name or number; every pin must be named once."""
        if ref in self.parts:
            raise CircuitError(f"{ref} is on the board twice")
        given = dict(rest.pop("pins"))  # type: ignore[call-overload]
        nets = {}
        for num, (name, _) in kind.pins.items():
            key = num if num in given else name
            if key not in given:
                raise CircuitError(f"{ref}: pin {num} ({name}) is not connected; say NC if meant")
            nets[num] = given[key]
        for key in given:
            if key not in kind.pins and key not in {name for name, _ in kind.pins.values()}:
                raise CircuitError(f"{ref} has no pin {key}")
        part = Part(ref, kind, value, footprint, nets, sheet=self.sheet, **rest)  # type: ignore[arg-type]
        self.parts[ref] = part
        return part

    def __getitem__(self, ref: str) -> Part:
        return self.parts[ref]

    def __iter__(self) -> Iterator[Part]:
        return iter(self.parts.values())

    def nets(self) -> dict[str, list[tuple[str, str]]]:
        """Net -> its pins as (reference, pin number), both sorted."""
        found: dict[str, list[tuple[str, str]]] = {}
        for part in self:
            for num, net in part.nets.items():
                if net != NOT_CONNECTED:
                    found.setdefault(net, []).append((part.ref, num))
        return {net: sorted(found[net]) for net in sorted(found)}
