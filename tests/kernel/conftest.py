"""These tests need the kernel that `make test-kernel` boots; elsewhere they are not run."""

import os
from pathlib import Path

import pytest

INSIDE = os.environ.get("TIPRING_KERNEL") == "1"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    if not INSIDE:
        for item in items:
            if here in item.path.parents:
                item.add_marker(pytest.mark.skip(reason="make test-kernel runs it"))
