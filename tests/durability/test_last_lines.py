"""Each long run ends with a line `N tried, N bad`, and with 1 where any is bad."""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from scripts.durability import fault_sweep, kill_rounds, long_run, power_cuts

RUNS: list[tuple[ModuleType, str, list[str]]] = [
    (power_cuts, "cuts", ["10"]),
    (power_cuts, "cuts", ["10", "--lying"]),
    (kill_rounds, "kill_rounds", ["10"]),
    (long_run, "long_run", ["10"]),
    (fault_sweep, "sweep", []),
]


@pytest.mark.parametrize("bad", [[], ["a call is lost", "another"]])
@pytest.mark.parametrize(("module", "work", "words"), RUNS)
def test_the_last_line_and_the_exit_code_say_what_was_bad(
    module: ModuleType,
    work: str,
    words: list[str],
    bad: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def done(*_: Any, **__: Any) -> Any:
        return (10, bad) if work == "sweep" else bad

    monkeypatch.setattr(module, work, done)
    monkeypatch.setattr(power_cuts, "why_not", lambda: "")
    monkeypatch.setattr(sys, "argv", [Path(module.__file__ or "").name, *words])
    assert module.main() == (1 if bad else 0)
    assert capsys.readouterr().out.splitlines()[-1] == f"10 tried, {len(bad)} bad"
