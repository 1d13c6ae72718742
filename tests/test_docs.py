"""What the documents say is there is there."""

import re
from pathlib import Path

import pytest

from firmware.cli import parser

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted(
    path
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("hardware/**/*.md"))
    if ".venv" not in path.parts
)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_pictures_and_targets_of_a_document_exist(path: Path) -> None:
    text = path.read_text("utf-8")
    for link in re.findall(r"\]\((?!https?:|#)([^)#]+)[^)]*\)", text):
        assert (path.parent / link).exists(), link
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for target in re.findall(
        r"(?:^    (?:sudo )?|`(?:sudo )?)make ([a-z][a-z-]+)", text, re.MULTILINE
    ):
        assert target in targets, f"make {target}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_of_a_document_exist(path: Path) -> None:
    usage = parser().format_help()
    for command in re.findall(
        r"(?:^    |`)tipring ([a-z]+)", path.read_text("utf-8"), re.MULTILINE
    ):
        assert re.search(rf"^\s+{command}\s", usage, re.MULTILINE), f"tipring {command}"


def test_the_pins_of_the_readme_are_those_of_the_profile() -> None:
    from firmware.line.profile import HatProfile

    profile = HatProfile.default()
    table = (ROOT / "README.md").read_text("utf-8")
    rows = {
        "off-hook": [profile.inputs["offhook"].pin],
        "ring (pulses at the ringing frequency)": [profile.inputs["ring"].pin],
        "polarity": [profile.inputs["polarity"].pin],
        "line voltage present": [profile.inputs["line_ok"].pin],
        "flag button": [profile.inputs["flag"].pin],
        "lamps: ok, recording, fault": [profile.lamps[name] for name in ("ok", "rec", "fault")],
    }
    for signal, pins in rows.items():
        assert f"| {signal} | {', '.join(map(str, pins))} |" in table, signal


def test_no_document_or_source_names_the_machine_it_was_written_on() -> None:
    for path in [*DOCUMENTS, *ROOT.glob("firmware/**/*.py"), *ROOT.glob("web/**/*.py")]:
        assert "/work/" not in path.read_text("utf-8"), path
