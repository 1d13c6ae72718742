"""What is to happen with calls of certain numbers, found in whatever form a number is written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from firmware.calls.number import ANY, normalised

TAIL = 9  # digits that make two numbers one, where one of them is in no plan of numbers
SERVICE_CODE = re.compile(r"^[*#][0-9*]+#")  # such as *31#, dialled before a number


@dataclass(frozen=True, slots=True)
class NumberRules:
    """A rule for each number. Of two valid numbers the whole of them counts (E.164): the same nine
    digits in two countries are two callers. A withheld number has no rule."""

    country: str = ANY
    _whole: Mapping[str, str] = field(default_factory=dict)
    _tails: Mapping[str, str] = field(default_factory=dict)
    _odd_tails: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, rules: Iterable[tuple[str, str]], country: str) -> NumberRules:
        """From (number, rule) pairs; of two rules for one number the later counts."""
        whole: dict[str, str] = {}
        tails: dict[str, str] = {}
        odd: dict[str, str] = {}
        for number, rule in rules:
            digits, valid = _read(number, country)
            if not digits:
                continue
            whole[valid or digits] = rule
            if len(digits) >= TAIL:
                tails[digits[-TAIL:]] = rule
                if not valid:
                    odd[digits[-TAIL:]] = rule
        return cls(country, whole, tails, odd)

    def rule(self, number: str | None) -> str | None:
        """The number's rule, None where it has none."""
        if not self._whole or not number:
            return None
        digits, valid = _read(number, self.country)
        if not digits:
            return None
        found = self._whole.get(valid or digits)
        if found is None and len(digits) >= TAIL:
            found = (self._odd_tails if valid else self._tails).get(digits[-TAIL:])
        return found


def _read(number: str, country: str) -> tuple[str, str | None]:
    """The digits, and the number in E.164 where it is a valid one."""
    bare = SERVICE_CODE.sub("", number.strip())
    digits = re.sub(r"[^0-9]", "", bare)
    return digits, normalised(("+" if bare.startswith("+") else "") + digits, country)


def same(number: str | None, others: Iterable[str], country: str = ANY) -> bool:
    """Whether the number is one of them, with and without its country's code."""
    return NumberRules.of([(one, "same") for one in others], country).rule(number) is not None
