"""The question of the first run: open FLAC files, or encrypted ones."""

from pathlib import Path

from firmware.choices import Choices
from firmware.config import Config
from tests.web.conftest import Page


def in_force(page: Page) -> str:
    config, wrong = Choices(Path(page.folder / "state")).over(Config())
    assert wrong == []
    return config.archive.sealed


def test_the_owner_is_asked_once_and_the_recorder_reads_the_answer(page: Page) -> None:
    asked = page.get("/start").text
    assert '<details class="files" open>' in asked
    assert "play in every program" in asked
    assert "lost with the box's keys" in asked
    assert page.send("/start/files", form="/start", sealed="yes").status_code == 302
    assert in_force(page) == "yes"
    told = page.get("/start").text
    assert '<details class="files">' in told
    assert "from the next call on" in told
    assert "How calls are stored: encrypted" in told
    page.send("/start/files", form="/start", sealed="no")
    assert in_force(page) == "no"
    assert [row.get("sealed") for row in page.access_log()] == ["yes", "no"]
    assert page.get("/").status_code == 200  # the list stays where the recorder keeps it


def test_nothing_else_can_be_chosen(page: Page) -> None:
    assert page.send("/start/files", form="/start", sealed="/tmp").status_code == 400
    assert in_force(page) == "no"
