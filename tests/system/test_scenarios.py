"""Every built-in scenario, through the whole recorder, leaves the calls it says it leaves."""

import json
from pathlib import Path

import pytest
import soundfile

from firmware.archive import Archive
from firmware.cli import main
from firmware.simulator.scenario import builtin_names, load_scenario


@pytest.mark.parametrize("name", builtin_names())
def test_a_scenario_leaves_the_calls_it_expects(name: str, tmp_path: Path) -> None:
    assert main(["simulate", name, "--archive", str(tmp_path)]) == 0
    expect = load_scenario(name).expect
    calls = Archive(tmp_path).calls()
    assert len(calls) == expect["calls"]
    newest = calls[0]
    for key in expect.keys() - {"calls"}:
        assert newest[key] == expect[key], key
    for call in calls:
        if call["audio"]:
            sound = soundfile.info(tmp_path / call["audio"])
            assert sound.frames == call["frames_stored"] == call["frames_expected"]


def _tones(name: str, folder: Path) -> tuple[dict[str, object], dict[str, dict[str, object]]]:
    """The call that a scenario leaves, and its tones by kind."""
    assert main(["simulate", name, "--archive", str(folder)]) == 0
    [call] = Archive(folder).calls()
    return call, {tone["kind"]: tone for tone in call["tones"] if tone["kind"] != "dtmf"}


def test_a_fax_call_has_both_fax_tones_in_its_record(tmp_path: Path) -> None:
    _, tones = _tones("outgoing-fax", tmp_path)
    assert tones["cng"]["plan"] == tones["ced"]["plan"] == "ITU"
    assert tones["ced"]["duration"] == pytest.approx(3.0, abs=0.02)


def test_a_call_without_hook_detection_ends_with_the_busy_tone_not_with_silence(
    tmp_path: Path,
) -> None:
    call, tones = _tones("vox-far-end-hangs-up", tmp_path)
    busy = tones["busy"]["offset"]
    assert busy < call["duration_s"] < busy + 2.5


def test_ringback_that_runs_to_the_hang_up_has_no_duration(tmp_path: Path) -> None:
    _, tones = _tones("outgoing-no-answer", tmp_path)
    assert tones["dial"]["duration"] == pytest.approx(1.5, abs=0.02)
    assert "duration" not in tones["ringback"]


def test_calls_are_listed_shown_and_exported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = ["--archive", str(tmp_path / "archive")]
    assert main(["simulate", "demo", *archive]) == 0
    capsys.readouterr()
    assert main(["calls", "list", "--json", *archive]) == 0
    [row] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert main(["calls", "show", row["id"], *archive]) == 0
    assert json.loads(capsys.readouterr().out)["id"] == row["id"]
    out = tmp_path / "out"
    assert main(["calls", "export", row["id"], "--out", str(out), *archive]) == 0
    assert (out / f"{row['id']}.flac").stat().st_size > 1000
    assert main(["calls", "show", "no-such-call", *archive]) == 1
