"""Fixtures of the archive's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.archive.media import Failing, Media


@pytest.fixture
def media(tmp_path: Path) -> Media:
    return Media(tmp_path)


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Failing]:
    yield Failing(monkeypatch, "fdatasync")
