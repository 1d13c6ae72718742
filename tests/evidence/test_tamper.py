"""Tampering, the short form of `make tamper`: every change is found, no honest bundle refused."""

from pathlib import Path

from scripts.tamper import bundle, log
from scripts.tamper.run import false_alarms, missed_changes


def test_every_change_of_every_kind_is_found(tmp_path: Path) -> None:
    tried, missed = missed_changes(tmp_path, seed=7, count=600)
    assert missed == []
    assert len(tried) == len(bundle.CHANGES) + len(log.CHANGES)
    assert sum(tried.values()) > 580


def test_no_honest_bundle_is_refused(tmp_path: Path) -> None:
    made, refused = false_alarms(tmp_path, seed=7, count=60)
    assert refused == []
    assert sum(made.values()) == 60
