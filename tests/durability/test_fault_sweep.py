"""A fault in any single system call of a call costs no sample and crashes nothing."""

import shutil

import pytest

from scripts.durability.fault_sweep import sweep


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_faults_at_every_seventeenth_system_call_cost_nothing_and_are_told() -> None:
    tried, bad = sweep(every=17)
    assert tried > 40
    assert bad == []
