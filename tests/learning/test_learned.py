"""What was learned is kept whole, and stands behind the configuration."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from firmware.archive.errors import ArchiveError
from firmware.config import Config, LineConfig
from firmware.learning.learned import Learned, LearnedFile
from firmware.learning.levels import gain_advice, vox_threshold


def test_what_was_put_is_there_after_a_restart(tmp_path: Path) -> None:
    LearnedFile(tmp_path).put(idle_v=48.2, turned=("offhook",), profile="tipring-a")
    found = LearnedFile(tmp_path).now
    assert found == Learned(idle_v=48.2, turned=("offhook",), profile="tipring-a")


@pytest.mark.parametrize(
    "text", ["", "[]", '{"idle_v": "48", "turned": 3, "clipped": true, "other": 1}', "{", "null"]
)
def test_a_torn_or_bent_file_says_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "line.json").write_text(text)
    assert LearnedFile(tmp_path).now == Learned()


def test_a_folder_that_cannot_be_written_is_told_and_the_value_holds_all_the_same(
    tmp_path: Path,
) -> None:
    file = LearnedFile(tmp_path / "gone")
    with pytest.raises(ArchiveError):
        file.put(idle_v=48.0)
    assert file.now.idle_v == 48.0


def test_what_was_learned_holds_where_the_owner_left_the_default() -> None:
    learned = Learned(hook="vox", vox_threshold_dbm0=-47.0)
    line = learned.applied(Config()).line
    assert (line.hook, line.vox_threshold_dbm0) == ("vox", -47.0)


def test_what_the_owner_set_wins() -> None:
    learned = Learned(hook="gpio", vox_threshold_dbm0=-47.0)
    own = replace(Config(), line=replace(LineConfig(), hook="vox", vox_threshold_dbm0=-33.0))
    assert learned.applied(own) == own


def test_inputs_were_turned_on_the_board_of_then_only() -> None:
    learned = Learned(profile="tipring-a", turned=("offhook",))
    assert learned.turned_of("tipring-a") == {"offhook"}
    assert learned.turned_of("my-board") == frozenset()


def test_the_file_is_json_that_a_person_can_read(tmp_path: Path) -> None:
    LearnedFile(tmp_path).put(caller_id="etsi-v23")
    assert json.loads((tmp_path / "line.json").read_text())["caller_id"] == "etsi-v23"


@pytest.mark.parametrize(
    ("near", "far", "clipped", "advice"),
    [
        (-15.0, -25.0, 0, 0.0),
        (-18.0, -30.0, 0, 0.0),
        (-4.0, -15.0, 0, -11.0),
        (-10.0, -20.0, 40, -6.0),
        (-30.0, -45.0, 0, 15.0),
        (-19.0, -41.0, 0, 4.0),
        (None, None, 0, 0.0),
    ],
)
def test_the_gain_is_advised_by_the_louder_voice(
    near: float | None, far: float | None, clipped: int, advice: float
) -> None:
    assert gain_advice(near, far, clipped) == advice


@pytest.mark.parametrize(
    ("noise", "far", "wanted"),
    [(-65.0, -25.0, -45.0), (-40.0, -28.0, -34.0), (-50.0, -45.0, None), (None, -20.0, None)],
)
def test_the_voice_threshold_lies_between_noise_and_the_quieter_voice(
    noise: float | None, far: float | None, wanted: float | None
) -> None:
    assert vox_threshold(noise, far) == wanted
