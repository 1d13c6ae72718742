"""The `tipring` command, as a person types it."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from firmware.archive import Archive
from firmware.cli import main
from firmware.simulator.generators import caller_id, dtmf, tones
from firmware.simulator.generators.fsk import burst_bits, modulate


def tried(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Exit code, output and complaints of a command."""
    try:
        code = main(list(words))
    except SystemExit as ended:
        code = int(ended.code or 0)
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.mark.parametrize(
    "words",
    [
        ["run"],
        ["web"],
        ["doctor"],
        ["decode"],
        ["simulate"],
        ["config"],
        ["calls"],
        ["calls", "list"],
        ["calls", "show"],
        ["calls", "export"],
        ["bundle"],
        ["verify"],
        ["evidence"],
        ["case"],
        ["stop"],
        ["subject"],
        ["hold"],
        ["release"],
        ["erase"],
    ],
)
def test_every_command_explains_itself(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = tried(capsys, *words, "--help")
    assert code == 0
    assert "usage: tipring" in out
    assert len(out.splitlines()) > 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[audio]\nrate = 7", ":2: audio.rate: expected one of 8000, 16000, found 7"),
        ("[audio]\ncolour = 1", ":2: audio.colour: unknown key"),
        ("[web]\nbind = 'here'", ":2: web.bind: expected an address and a port, found 'here'"),
        ("version = 99", ":1: version: expected 1 or less, found 99"),
        ("[[", "not TOML"),
    ],
)
def test_a_wrong_configuration_is_told_by_file_line_and_key_with_exit_2(
    text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "tipring.toml"
    path.write_text(text)
    for command in ("run", "doctor", "web"):
        code, _, err = tried(capsys, command, "--config", str(path))
        assert code == 2
        assert str(path) in err
        assert said in err


def test_the_printed_default_is_a_configuration_and_every_key_is_explained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = tried(capsys, "config")
    path = tmp_path / "tipring.toml"
    path.write_text(out)
    assert code == 0
    lines = out.splitlines()
    for above, line in zip(lines, lines[1:], strict=False):
        if " = " in line and not line.startswith(("#", "version")):
            assert above.startswith("# "), line
    code, out, _ = tried(capsys, "doctor", "--config", str(path))
    assert code == 1
    assert "Calls are not recorded now" in out


@pytest.mark.parametrize("ending", ["wav", "flac", "raw"])
@pytest.mark.parametrize("rate", [8000, 44100])
def test_signals_are_found_in_files_of_any_rate(
    ending: str, rate: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if ending == "raw" and rate != 8000:
        pytest.skip("a raw file is 8 kHz by definition")
    message = caller_id.mdmf(when="11231430", number="221234567", name="ŁÓDŹ".encode())
    quiet = np.zeros(rate)
    tones = dtmf.sequence("159D", rate, 80, 80)
    sound = np.concatenate((quiet, modulate(burst_bits(message), rate), quiet, tones, quiet))
    path = tmp_path / f"call.{ending}"
    if ending == "raw":
        path.write_bytes((sound * 32767).astype("<i2").tobytes())
    else:
        soundfile.write(path, sound, rate, subtype="PCM_16")
    code, out, _ = tried(capsys, "decode", "--json", str(path))
    assert code == 0
    caller, *digits = [json.loads(line) for line in out.splitlines()]
    assert caller["kind"] == "caller_id"
    assert (caller["standard"], caller["number"]) == ("bellcore-mdmf", "221234567")
    assert (caller["name"], caller["time"]) == ("ŁÓDŹ", "11231430")
    assert caller["start_s"] == pytest.approx(1.0, abs=0.05)
    assert "".join(row["digit"] for row in digits) == "159D"
    assert all(row["level_dbm0"] == pytest.approx(-8, abs=0.5) for row in digits)


def test_tones_and_alerting_tones_are_rows_once_they_are_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "line.wav"
    quiet = np.zeros(8000)
    parts = [tones.tone("busy", 8000, 5.0, -15.0), tones.tone("cas", 8000, 0.08, -18.0)]
    sound = np.concatenate([quiet, parts[0], quiet, quiet, quiet, parts[1], quiet])
    soundfile.write(path, sound, 8000, subtype="PCM_16")
    code, out, _ = tried(capsys, "decode", "--json", str(path))
    assert code == 0
    busy, cas = [json.loads(line) for line in out.splitlines()]
    assert (busy["kind"], busy["name"], busy["plan"]) == ("tone", "busy", "PL")
    assert busy["level_dbm0"] == pytest.approx(-15.0, abs=0.3)
    assert (busy["start_s"], busy["end_s"]) == pytest.approx((1.0, 5.5), abs=0.02)
    assert cas["kind"] == "cas"
    assert cas["level_dbm0"] == pytest.approx(-15.0, abs=0.3)
    assert (cas["start_s"], cas["end_s"]) == pytest.approx((9.0, 9.08), abs=0.005)
    code, out, _ = tried(capsys, "decode", "--country", "IT", str(path))
    assert "name=busy plan=IT" in out


def test_a_file_that_is_no_sound_is_told_and_the_others_are_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad, good = tmp_path / "bad.wav", tmp_path / "good.wav"
    bad.write_text("hello")
    soundfile.write(good, dtmf.sequence("7", 8000, 200, 200), 8000)
    code, out, err = tried(capsys, "decode", str(bad), str(good))
    assert code == 1
    assert "bad.wav: not a sound file" in err
    assert "digit=7" in out


def test_an_unknown_scenario_names_the_known_ones(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = tried(capsys, "simulate", "nonsense", "--archive", str(tmp_path))
    assert code == 1
    assert "incoming-bellcore" in err


def test_an_archive_that_cannot_be_written_is_explained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    code, _, err = tried(capsys, "calls", "list", "--archive", str(blocked))
    assert code == 1
    assert "cannot be written" in err
    assert "Check the medium" in err


def test_an_empty_archive_lists_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Archive(tmp_path)
    assert tried(capsys, "calls", "list", "--archive", str(tmp_path)) == (0, "", "")
