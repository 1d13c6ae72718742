"""Which audio goes, and why; what never goes."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from firmware.archive.errors import CallProtected, NoSuchCall
from firmware.archive.reserve import BALLAST, give_back, hold_back
from firmware.archive.retention import Rules, plan, remove
from firmware.archive.volume import Volume
from firmware.cli import main
from tests.archive.support import Feed

NOW = datetime(2026, 3, 31, tzinfo=UTC)


class Shelf:
    """Five calls, one a day, of March 2026."""

    def __init__(self, folder: Path) -> None:
        self.box = Feed(folder)
        self.calls = [
            self.box.call(
                0.5, started_at=f"2026-03-{day:02}T12:00:00.000+00:00", clock_source="ntp"
            )
            for day in (1, 10, 20, 29, 30)
        ]

    def going(self, **rules: int) -> list[tuple[int, str, str]]:
        found = plan(self.box.archive, self.box.keeper.volumes, Rules(**rules), NOW)
        return [(one.call["sequence"], one.why, one.kept) for one in found]


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def test_without_rules_nothing_goes(shelf: Shelf) -> None:
    assert shelf.going() == []


def test_old_audio_goes_and_it_is_said_why(shelf: Shelf) -> None:
    why = "it is older than 15 days"
    assert shelf.going(days=15) == [(1, why, ""), (2, why, "")]


def test_calls_that_came_in_and_calls_that_went_out_have_terms_of_their_own(shelf: Shelf) -> None:
    shelf.box.archive.add_later(shelf.calls[1]["id"], direction="outgoing")
    assert shelf.going(days=15, outgoing_days=30) == [(1, "it is older than 15 days", "")]
    assert [one[0] for one in shelf.going(outgoing_days=15)] == [2]
    assert [one[0] for one in shelf.going(incoming_days=5, outgoing_days=5)] == [1, 2, 3]


def test_more_calls_than_wanted_go_oldest_first(shelf: Shelf) -> None:
    why = "there are more than 2 calls"
    assert shelf.going(calls=2) == [(1, why, ""), (2, why, ""), (3, why, "")]


def test_as_many_go_as_space_needs(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    size = shelf.box.archive.audio_path(shelf.calls[0]["id"]).stat().st_size
    monkeypatch.setattr(Volume, "free", lambda _volume: 2**20 - size - size // 2)
    gone = shelf.going(free_mb=1)
    assert [sequence for sequence, _, _ in gone][:2] == [1, 2]


@pytest.mark.parametrize("guard", ["flagged", "held", "outcome", "damage"])
def test_flagged_held_unfinished_and_damaged_calls_never_go(shelf: Shelf, guard: str) -> None:
    value: dict[str, Any] = {
        "flagged": True,
        "held": True,
        "outcome": "unfinished",
        "damage": [{"code": "audio", "words": "x"}],
    }
    shelf.box.archive.add_later(shelf.calls[0]["id"], **{guard: value[guard]})
    [first, *_] = shelf.going(days=1, calls=1)
    assert first[0] == 1
    assert first[2].startswith("it is ")


def test_a_call_that_is_flagged_between_plan_and_removal_stays(shelf: Shelf) -> None:
    archive = shelf.box.archive
    [first, *_] = plan(archive, shelf.box.keeper.volumes, Rules(days=1), NOW)
    archive.flag(first.call["id"], True)
    with pytest.raises(CallProtected, match="it is flagged"):
        remove(archive, first, NOW)
    assert archive.audio_path(first.call["id"]).exists()


def test_the_row_its_note_and_its_record_stay_when_the_audio_goes(shelf: Shelf) -> None:
    archive, call = shelf.box.archive, shelf.calls[0]
    archive.note(call["id"], "ours")
    master = archive.audio_path(call["id"])
    for one in plan(archive, shelf.box.keeper.volumes, Rules(calls=4), NOW):
        remove(archive, one, NOW)
    found = archive.get(call["id"])
    assert (found["note"], found["audio"]) == ("ours", None)
    assert found["deleted_why"] == "there are more than 4 calls"
    assert not master.exists()
    assert master.with_suffix(".json").exists()
    with pytest.raises(NoSuchCall):
        archive.audio_path(call["id"])
    (archive.root / "catalogue.sqlite").unlink()
    again = Feed(archive.root).archive.get(call["id"])
    assert (again["audio"], again.get("damage")) == (None, None)


def test_a_date_that_is_not_sure_is_no_reason_to_go(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.box.call(0.5, started_at="1970-01-01T00:00:00.000+00:00", clock_source="none")
    assert shelf.going(days=365) == [(6, "it is older than 365 days", "its date is not sure")]


def test_the_command_lists_first_and_then_does_it(
    shelf: Shelf, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf.box.archive.flag(shelf.calls[1]["id"], True)
    words = ["retention", "--archive", str(tmp_path), "--calls", "3", "--free-mb", "0"]
    assert main([*words, "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "would go" in said
    assert "but it is flagged" in said
    assert "1 recordings" in said
    assert shelf.box.archive.audio_path(shelf.calls[0]["id"]).exists()
    assert main(words) == 0
    assert "1 recordings, 0.0 MB are gone; their rows stay in the list" in capsys.readouterr().out
    assert shelf.box.archive.get(shelf.calls[0]["id"])["audio"] is None


def test_the_command_recovers_and_tells_damage(
    shelf: Shelf, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["recover", "--archive", str(tmp_path)]
    assert main(words) == 0
    assert "nothing was left" in capsys.readouterr().out
    shelf.box.archive.audio_path(shelf.calls[0]["id"]).write_bytes(b"")
    assert main(words) == 1
    assert "1 call damaged, 0 s missing" in capsys.readouterr().out


FILLED = """
import sys
from pathlib import Path
from firmware.archive.reserve import hold_back
from tests.archive.support import RECORD, Feed
root = Path(sys.argv[1])
box = Feed(root)
assert hold_back(root)
assert hold_back(root)
with open(root / "other", "wb") as file:
    try:
        while True:
            file.write(bytes(65536)); file.flush()
    except OSError:
        pass
assert not hold_back(root)
row = box.archive.add_row({**RECORD, "outcome": "missed"})
box.archive.note(row["id"], "full, and yet")
print(box.archive.get(row["id"])["note"])
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")
def test_with_no_byte_free_the_list_works_from_the_reserve(tmp_path: Path) -> None:
    command = ["mount", "-t", "tmpfs", "-o", "size=96m", "tmpfs", str(tmp_path)]
    subprocess.run(command, check=True)
    try:
        words = [sys.executable, "-c", FILLED, str(tmp_path)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        assert done.stdout.strip() == "full, and yet", done.stderr
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


def test_the_reserve_can_be_given_back_once(tmp_path: Path) -> None:
    assert hold_back(tmp_path)
    assert (tmp_path / BALLAST).stat().st_size == 16 * 2**20
    assert give_back(tmp_path)
    assert not give_back(tmp_path)
