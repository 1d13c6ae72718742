"""The tone plans that come with the program, read from their files."""

from __future__ import annotations

import tomllib
from pathlib import Path

from firmware.signals.plan import TonePlan, plan_of

FOLDER = Path(__file__).parent / "signals" / "plans"


def load_plans(own: str | None = None) -> list[TonePlan]:
    """All plans, that of the country `own` first. Raises PlanError for a file that is wrong."""
    plans = [
        plan_of(tomllib.loads(path.read_text("utf-8"))) for path in sorted(FOLDER.glob("*.toml"))
    ]
    return sorted(plans, key=lambda plan: plan.country != own)
