"""Hundreds of calls leave no memory taken and no file open."""

from pathlib import Path

from scripts.durability.long_run import long_run


def test_400_calls_leave_nothing_behind_but_themselves(tmp_path: Path) -> None:
    assert long_run(400, tmp_path) == []
