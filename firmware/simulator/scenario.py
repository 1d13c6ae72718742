"""Scenario files: read, checked whole, and named in every complaint.

A scenario is a TOML file: `description`, `seed`, `rate`, `idle_noise`, one `[[step]]` for each
thing that happens, and `[expect]` with what the recorder must leave.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

from firmware.calls.call import Outcome
from firmware.simulator.errors import BadScenario, UnknownScenario
from firmware.simulator.rules import Choice, Number, Rule, Text, Whole, YesNo
from firmware.simulator.steps import STEPS, Say, Step, out_of_order
from firmware.simulator.voices import UnknownVoice, find_voice

FOLDER = Path(__file__).with_name("scenarios")
IDLE_NOISE_DBM0 = -65.0

_HEAD: Mapping[str, tuple[Any, Rule]] = MappingProxyType(
    {
        "description": ("", Text()),
        "seed": (1, Whole(0, 2**32 - 1)),
        "rate": (8000, Whole(8000, 16000)),
        "hook": ("gpio", Choice(("gpio", "vox"))),
        "idle_noise": (IDLE_NOISE_DBM0, Number(-120.0, 0.0, "dBm0")),
    }
)
_EXPECT: Mapping[str, Rule] = MappingProxyType(
    {
        "calls": Whole(0, 1000),
        "direction": Choice(("incoming", "outgoing")),
        "outcome": Choice(tuple(str(outcome) for outcome in Outcome)),
        "answered": YesNo(),
        "number": Text(),
        "name": Text(),
        "number_absent": Text(),
        "dialled": Text(),
        "rings": Whole(0, 1000),
    }
)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A checked scenario. `rate` in Hz, `idle_noise` in dBm0; `folder`: where its sounds lie.

    `hook` is "vox" on a line whose off-hook can only be told by sound.

    `expect` speaks of the newest call; an empty number or name in the file is None here.
    """

    name: str
    description: str
    rate: int
    seed: int
    steps: tuple[Step, ...]
    expect: dict[str, Any]
    hook: str = "gpio"
    idle_noise: float = IDLE_NOISE_DBM0
    folder: Path = FOLDER


def builtin_names() -> list[str]:
    """The names of the built-in scenarios, sorted."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load_scenario(name_or_path: str | Path) -> Scenario:
    """A built-in scenario by its name, or any other by its path. Raises SimulatorError."""
    if isinstance(name_or_path, str) and name_or_path in builtin_names():
        return _read(FOLDER / f"{name_or_path}.toml")
    path = Path(name_or_path)
    if not path.is_file():
        raise UnknownScenario(str(name_or_path), builtin_names())
    return _read(path)


def _read(path: Path) -> Scenario:
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadScenario(path, f"cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise BadScenario(path, f"not TOML: {error}") from error
    tables, expect = data.pop("step", []), data.pop("expect", {})
    head = {key: default for key, (default, _rule) in _HEAD.items()}
    for key, value in data.items():
        if key not in _HEAD:
            known = ", ".join((*_HEAD, "step", "expect"))
            raise BadScenario(path, f"{key}: unknown key; expected one of {known}")
        head[key] = _checked(path, None, key, value, _HEAD[key][1])
    if head["rate"] not in (8000, 16000):
        raise BadScenario(path, f"rate: expected 8000 or 16000; found {head['rate']}")
    if not isinstance(tables, list) or not tables:
        raise BadScenario(path, "expected one or more [[step]] tables")
    steps = tuple(_step(path, number, table) for number, table in enumerate(tables, 1))
    if wrong := out_of_order(steps):
        raise BadScenario(path, wrong[1], wrong[0])
    return Scenario(
        name=path.stem,
        steps=steps,
        expect=_expected(path, expect),
        folder=path.resolve().parent,
        **head,
    )


def _step(path: Path, number: int, table: object) -> Step:
    if not isinstance(table, dict):
        raise BadScenario(path, f"expected a table; found {table!r}", number)
    kind = table.pop("do", None)
    if kind not in STEPS:
        raise BadScenario(path, f"do: expected one of {', '.join(STEPS)}; found {kind!r}", number)
    step_type = STEPS[kind]
    known = {entry.name: entry for entry in fields(step_type)}
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in known:
            expected = f"expected one of {', '.join(known)}" if known else "it takes no parameters"
            raise BadScenario(path, f"{kind}: {key}: unknown parameter; {expected}", number)
        values[key] = _checked(path, number, f"{kind}: {key}", value, known[key].metadata["rule"])
    for key, entry in known.items():
        if key not in values and entry.default is MISSING:
            rule: Rule = entry.metadata["rule"]
            raise BadScenario(path, f"{kind}: {key}: missing; {_wanted(rule)}", number)
    step = step_type(**values)
    if problem := step.complaint():
        raise BadScenario(path, f"{kind}: {problem}", number)
    if isinstance(step, Say):
        try:
            find_voice(step.voice, path.resolve().parent)
        except UnknownVoice as error:
            raise BadScenario(path, f"{kind}: {error}", number) from error
    return step


def _expected(path: Path, table: object) -> dict[str, Any]:
    if not isinstance(table, dict):
        raise BadScenario(path, "expect: expected a table")
    for key, value in table.items():
        if key not in _EXPECT:
            known = ", ".join(_EXPECT)
            raise BadScenario(path, f"expect.{key}: unknown key; expected one of {known}")
        _checked(path, None, f"expect.{key}", value, _EXPECT[key])
    return {
        key: None if value == "" and key in ("number", "name") else value
        for key, value in table.items()
    }


def _wanted(rule: Rule) -> str:
    return f"expected {rule.describe()}"


def _checked(path: Path, step: int | None, what: str, value: Any, rule: Rule) -> Any:
    if not rule.fits(value):
        raise BadScenario(path, f"{what}: {_wanted(rule)}; found {value!r}", step)
    return float(value) if isinstance(rule, Number) else value
