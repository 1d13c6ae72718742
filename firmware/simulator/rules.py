"""What a value in a scenario file may be; `check` gives the value, or says what was expected."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Protocol


class Rule(Protocol):
    """One kind of value."""

    def describe(self) -> str:
        """What was expected, in words."""

    def fits(self, value: object) -> bool:
        """Whether the value, as TOML gave it, may stand here."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number, whole or not."""

    low: float
    high: float
    unit: str = ""

    def describe(self) -> str:
        return f"a number from {self.low:g} to {self.high:g} {self.unit}".rstrip()

    def fits(self, value: object) -> bool:
        return (
            isinstance(value, int | float)
            and not isinstance(value, bool)
            and self.low <= value <= self.high
        )


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number."""

    low: int
    high: int

    def describe(self) -> str:
        return f"a whole number from {self.low} to {self.high}"

    def fits(self, value: object) -> bool:
        return (
            isinstance(value, int)
            and not isinstance(value, bool)
            and self.low <= value <= self.high
        )


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words."""

    words: tuple[str, ...]

    def describe(self) -> str:
        return "one of " + ", ".join(repr(word) for word in self.words)

    def fits(self, value: object) -> bool:
        return isinstance(value, str) and value in self.words


@dataclass(frozen=True, slots=True)
class Text:
    """Text of a form: `form` is a regular expression, `said` the same in words."""

    form: str = r"[^\0]*"
    said: str = "text"

    def describe(self) -> str:
        return self.said

    def fits(self, value: object) -> bool:
        return isinstance(value, str) and re.fullmatch(self.form, value, re.DOTALL) is not None


@dataclass(frozen=True, slots=True)
class YesNo:
    """true or false."""

    def describe(self) -> str:
        return "true or false"

    def fits(self, value: object) -> bool:
        return isinstance(value, bool)


def parameter(default: Any, rule: Rule) -> Any:
    """A field of a step that may be left out."""
    return field(default=default, metadata={"rule": rule})


def required(rule: Rule) -> Any:
    """A field of a step that must be given."""
    return field(metadata={"rule": rule})
