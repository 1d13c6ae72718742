"""HAT profiles: which pin does what, as a TOML file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from firmware.line.errors import ProfileError

INPUTS = ("offhook", "ring", "polarity", "line_ok", "flag")
LAMPS = ("ok", "rec", "fault")
OUTPUTS = ("inject",)
HIGHEST_PIN = 27  # the 40-pin header carries BCM 0 to 27


@dataclass(frozen=True, slots=True)
class Input:
    """`pin` by BCM number; `inverted`: active when low; `pull`: none, up or down."""

    pin: int
    inverted: bool = False
    pull: str = "none"
    debounce_s: float = 0.0


@dataclass(frozen=True, slots=True)
class HatProfile:
    """Inputs by name (offhook, ring, polarity, line_ok, flag), lamp pins (ok, rec, fault) and the
    pins of outputs: inject, high while a sound is played into the line.

    `gauge`: the board has the Tipring HAT's converters (`firmware.line.gauge`).
    """

    name: str
    inputs: Mapping[str, Input]
    lamps: Mapping[str, int]
    gauge: bool = False
    outputs: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def default(cls) -> HatProfile:
        """The Tipring HAT."""
        return cls.named("tipring-a")

    @classmethod
    def named(cls, name: str) -> HatProfile:
        """A built-in profile by its name, or the TOML file at that path. Raises ProfileError."""
        folder = Path(__file__).parent / "profiles"
        known = sorted(path.stem for path in folder.glob("*.toml"))
        if name in known:
            return cls.load(folder / f"{name}.toml")
        if name.endswith(".toml"):
            return cls.load(Path(name))
        raise ProfileError(
            f"No HAT profile is called {name!r}; known: {', '.join(known)}, or a path to a .toml."
        )

    @classmethod
    def load(cls, path: Path) -> HatProfile:
        """Read and check a file. Raises ProfileError with the file and what was expected."""
        try:
            data = tomllib.loads(path.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise ProfileError(f"{path}: cannot be read: {error}") from error
        inputs = _table(path, data, "inputs", INPUTS)
        lamps = _table(path, data, "lamps", LAMPS)
        made = {name: _input(path, name, inputs[name]) for name in inputs}
        outputs = _table(path, data, "outputs", OUTPUTS)
        for room, pins in (("lamps", lamps), ("outputs", outputs)):
            for name, pin in pins.items():
                _check_pin(path, f"{room}.{name}", pin)
        used = [entry.pin for entry in made.values()]
        used += [*lamps.values(), *outputs.values()]
        for pin in used:
            if used.count(pin) > 1:
                raise ProfileError(f"{path}: pin {pin} is used twice; expected each pin once")
        name, gauge = str(data.get("name", path.stem)), data.get("gauge") is True
        return cls(name, made, dict(lamps), gauge, dict(outputs))


def _table(path: Path, data: dict[str, Any], name: str, known: tuple[str, ...]) -> dict[str, Any]:
    table = data.get(name, {})
    if not isinstance(table, dict):
        raise ProfileError(f"{path}: {name}: expected a table")
    for key in table:
        if key not in known:
            raise ProfileError(f"{path}: {name}.{key}: expected one of {', '.join(known)}")
    return table


def _check_pin(path: Path, where: str, pin: Any) -> None:
    if not isinstance(pin, int) or isinstance(pin, bool) or not 0 <= pin <= HIGHEST_PIN:
        raise ProfileError(
            f"{path}: {where}: expected a BCM pin from 0 to {HIGHEST_PIN}, found {pin!r}"
        )


def _input(path: Path, name: str, entry: Any) -> Input:
    where = f"inputs.{name}"
    known = {"pin": int, "inverted": bool, "pull": str, "debounce_s": (int, float)}
    if not isinstance(entry, dict) or "pin" not in entry:
        raise ProfileError(f"{path}: {where}: expected a table with a pin")
    for key, value in entry.items():
        if key not in known or not isinstance(value, known[key]):  # type: ignore[arg-type]
            raise ProfileError(
                f"{path}: {where}.{key}: expected keys {', '.join(known)} of the right kind,"
                f" found {value!r}"
            )
    _check_pin(path, f"{where}.pin", entry["pin"])
    made = Input(**entry)
    if made.pull not in ("none", "up", "down"):
        raise ProfileError(f"{path}: {where}.pull: expected none, up or down, found {made.pull!r}")
    if (made.pull == "up" and not made.inverted) or (made.pull == "down" and made.inverted):
        raise ProfileError(
            f"{path}: {where}: a pull {made.pull} holds the input active when nothing drives it;"
            " expected the other pull, or the other value of inverted"
        )
    if not 0 <= made.debounce_s <= 5:
        raise ProfileError(f"{path}: {where}.debounce_s: expected 0 to 5 s")
    return made
