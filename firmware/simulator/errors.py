"""What can be wrong with a scenario; each message says where and what was expected."""

from __future__ import annotations

from pathlib import Path


class SimulatorError(Exception):
    """Any of those below."""


class UnknownScenario(SimulatorError):
    """No built-in scenario and no file has this name."""

    def __init__(self, name: str, known: list[str]) -> None:
        super().__init__(
            f"no scenario {name!r}: expected the path of a TOML file, or one of {', '.join(known)}"
        )


class BadScenario(SimulatorError):
    """A scenario file that cannot be played; `step` counts from 1."""

    def __init__(self, where: str | Path, problem: str, step: int | None = None) -> None:
        self.step = step
        super().__init__(f"{where}: {'' if step is None else f'step {step}: '}{problem}")


class ClockError(SimulatorError):
    """A virtual clock was set back."""
