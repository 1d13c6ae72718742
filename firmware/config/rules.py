"""What a key of the configuration may be, and whether a value is that."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Range:
    """What a number may be."""

    low: float
    high: float

    def describe(self) -> str:
        return f"a number from {self.low:g} to {self.high:g}"


@dataclass(frozen=True, slots=True)
class Choice:
    """What a word may be."""

    values: tuple[str | int, ...]

    def describe(self) -> str:
        return "one of " + ", ".join(str(value) for value in self.values)


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a text must look like, whole."""

    expression: str
    words: str

    def describe(self) -> str:
        return self.words


Rule = Range | Choice | Pattern


def fitted(kind: Any, rule: Rule | None, value: Any) -> tuple[Any, str | None]:
    """The value as its field wants it, and what was expected where it does not fit."""
    if kind == "float" and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    names: dict[str, tuple[type, str]] = {
        "str": (str, "text"),
        "int": (int, "a whole number"),
        "float": (float, "a number"),
        "bool": (bool, "true or false"),
    }
    wanted: type = names[kind][0]
    said: str = names[kind][1]
    number: Any = value
    expected = rule.describe() if rule else said
    if not isinstance(value, wanted) or isinstance(value, bool) is not (wanted is bool):
        return value, expected
    if isinstance(rule, Range) and not rule.low <= number <= rule.high:
        return value, expected
    if isinstance(rule, Choice) and value not in rule.values:
        return value, expected
    if isinstance(rule, Pattern) and not re.fullmatch(rule.expression, str(value)):
        return value, expected
    return value, None
