"""Scenario files are checked whole, and a complaint says where and what was expected."""

from pathlib import Path

import pytest

from firmware.calls.call import Direction, Outcome
from firmware.simulator.errors import BadScenario, SimulatorError, UnknownScenario
from firmware.simulator.scenario import builtin_names, load_scenario
from firmware.simulator.steps import STEPS, LiftHandset, Say
from firmware.simulator.timeline import build

WANTED = {
    "incoming-bellcore",
    "incoming-v23",
    "incoming-uk",
    "incoming-dtmf-clip",
    "missed",
    "outgoing-dtmf",
    "outgoing-rotary",
    "outgoing-no-answer",
    "outgoing-busy",
    "outgoing-unobtainable",
    "outgoing-fax",
    "vox-far-end-hangs-up",
    "call-waiting",
    "hook-flash",
    "noisy",
    "quiet-far-end",
    "off-hook-left",
    "line-cut",
    "garbage-caller-id",
    "withheld",
    "demo",
}


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, "utf-8")
    return path


def complaint(folder: Path, text: str) -> str:
    with pytest.raises(BadScenario) as caught:
        load_scenario(written(folder, text))
    assert "mine.toml" in str(caught.value)
    return str(caught.value)


def test_all_the_scenarios_of_the_specification_are_built_in() -> None:
    assert set(builtin_names()) >= WANTED


@pytest.mark.parametrize("name", builtin_names())
def test_each_built_in_scenario_says_what_it_expects(name: str) -> None:
    scenario = load_scenario(name)
    assert scenario.name == name
    assert scenario.rate == 8000
    assert scenario.description.endswith((".", "…"))
    assert scenario.expect["calls"] == 1
    assert scenario.expect["direction"] in set(Direction)
    assert scenario.expect["outcome"] in set(Outcome)


def test_an_unknown_name_names_the_known_ones() -> None:
    with pytest.raises(UnknownScenario, match="'outgoing-rotery'.*outgoing-rotary"):
        load_scenario("outgoing-rotery")
    with pytest.raises(SimulatorError):
        load_scenario(Path("/no/such/file.toml"))


def test_a_file_is_read_by_its_path_and_gives_typed_steps(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        'description = "x"\nseed = 7\n[[step]]\ndo = "off_hook"\n'
        '[[step]]\ndo = "say"\nvoice = "pl-owner-hello"\nlevel = -20\n',
    )
    for given in (path, str(path)):
        scenario = load_scenario(given)
        assert scenario.name == "mine"
        assert scenario.seed == 7
        assert scenario.steps == (LiftHandset(), Say("pl-owner-hello", level=-20.0))


def test_an_empty_number_is_expected_to_be_none(tmp_path: Path) -> None:
    path = written(tmp_path, '[[step]]\ndo = "ring"\n[expect]\nnumber = ""\ndialled = ""\n')
    assert load_scenario(path).expect == {"number": None, "dialled": ""}


def test_what_is_not_toml_is_said_with_its_line(tmp_path: Path) -> None:
    assert "not TOML" in (said := complaint(tmp_path, "seed = 1\nseed = = 2\n"))
    assert "line 2" in said


def test_a_file_of_other_bytes_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_bytes(b"description = '\xff\xfe'")
    with pytest.raises(BadScenario, match="cannot be read"):
        load_scenario(tmp_path / "mine.toml")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ('[[step]]\ndo = "sing"\n', ["step 1", "'sing'", *STEPS]),
        ("[[step]]\nbursts = 1\n", ["step 1", "do: expected one of"]),
        (
            '[[step]]\ndo = "ring"\n[[step]]\ndo = "ring"\nbells = 2\n',
            ["step 2", "bells", "bursts"],
        ),
        ('[[step]]\ndo = "off_hook"\nhow = 1\n', ["step 1", "how", "no parameters"]),
        ('[[step]]\ndo = "ring"\nbursts = 2.5\n', ["step 1", "bursts", "whole number", "2.5"]),
        ('[[step]]\ndo = "ring"\nbursts = true\n', ["step 1", "bursts", "whole number"]),
        ('[[step]]\ndo = "ring"\nfrequency = 500\n', ["frequency", "from 15 to 68 Hz", "500"]),
        ('[[step]]\ndo = "noise"\n', ["step 1", "level: missing", "dBm0"]),
        ('[[step]]\ndo = "noise"\nlevel = "loud"\n', ["level", "a number", "'loud'"]),
        ('[[step]]\ndo = "silence"\n', ["step 1", "duration or after_ring"]),
        ('[[step]]\ndo = "tone"\nname = "dial"\n', ["step 1", "duration", "no end"]),
        ('[[step]]\ndo = "caller_id"\ntime = "1124"\n', ["time", "MMDDHHMM", "'1124'"]),
        ('[[step]]\ndo = "caller_id"\nformat = "sdmf"\n', ["time", "MMDDHHMM", "sdmf"]),
        ('[[step]]\ndo = "caller_id"\nstandard = "dtmf"\n', ["number", "digits"]),
        ('[[step]]\ndo = "caller_id"\nmore = "zz"\n', ["more", "hex"]),
        (
            '[[step]]\ndo = "off_hook"\n[[step]]\ndo = "dial_dtmf"\ndigits = "12x"\n',
            ["step 2", "DTMF"],
        ),
        (
            '[[step]]\ndo = "off_hook"\n[[step]]\ndo = "say"\nvoice = "nobody"\n',
            ["step 2", "pl-owner"],
        ),
        ('sped = 1\n[[step]]\ndo = "ring"\n', ["sped", "seed"]),
        ('rate = 11025\n[[step]]\ndo = "ring"\n', ["rate", "8000 or 16000", "11025"]),
        ('[[step]]\ndo = "ring"\n[expect]\nrang = 1\n', ["expect.rang", "direction"]),
        ('[[step]]\ndo = "ring"\n[expect]\noutcome = "fine"\n', ["expect.outcome", "'line-cut'"]),
        ("seed = 1\n", ["[[step]]"]),
        ("step = [1]\n", ["step 1", "a table"]),
    ],
)
def test_a_complaint_gives_the_step_and_what_was_expected(
    tmp_path: Path, text: str, parts: list[str]
) -> None:
    said = complaint(tmp_path, text)
    for part in parts:
        assert part in said


@pytest.mark.parametrize(
    ("kinds", "number"),
    [
        (["off_hook", "off_hook"], 2),
        (["on_hook"], 1),
        (["off_hook", "ring"], 2),
        (["flash"], 1),
        (["restore"], 1),
        (["cut", "cut"], 2),
        (["cut", "ring"], 2),
        (["off_hook", "cut", "flash"], 3),
    ],
)
def test_steps_that_no_line_can_do_are_refused(
    tmp_path: Path, kinds: list[str], number: int
) -> None:
    said = complaint(tmp_path, "".join(f'[[step]]\ndo = "{kind}"\n' for kind in kinds))
    assert f"step {number}: " in said
    assert "expected" in said


@pytest.mark.parametrize(
    ("text", "part"),
    [
        (f'[[step]]\ndo = "caller_id"\nname = "{"x" * 300}"\n', "step 1"),
        (
            '[[step]]\ndo = "ring"\n[[step]]\ndo = "silence"\nduration = 3.0\n'
            '[[step]]\ndo = "silence"\nafter_ring = 2.0\n',
            "step 3: after_ring",
        ),
    ],
)
def test_what_only_shows_when_it_is_played_names_its_step_too(
    tmp_path: Path, text: str, part: str
) -> None:
    scenario = load_scenario(written(tmp_path, text))
    with pytest.raises(BadScenario, match=part):
        build(scenario)
