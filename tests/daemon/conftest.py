"""A running recorder for each test."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.box import Box


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@pytest.fixture
def box(folder: Path) -> Iterator[Box]:
    made = Box(folder)
    made.daemon.start()
    yield made
    made.daemon.stop()
    assert not made.daemon.failed.is_set()
