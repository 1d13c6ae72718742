"""What is chosen on the page holds over the file, and can break nothing."""

import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from firmware.choices import ALLOWED, FILE, Choices
from firmware.config import Config, ConfigError, RetentionConfig


def of_the_file() -> Config:
    return replace(Config(), retention=RetentionConfig(days=365, calls=1000))


def test_without_choices_the_file_holds(tmp_path: Path) -> None:
    assert Choices(tmp_path).over(of_the_file()) == (of_the_file(), [])


def test_a_choice_holds_over_the_file_and_the_rest_of_the_file_stays(tmp_path: Path) -> None:
    Choices(tmp_path).put("retention", {"days": 30})
    Choices(tmp_path).put("alarms", {"heat": False})
    config, wrong = Choices(tmp_path).over(of_the_file())
    assert (config.retention.days, config.retention.calls, config.alarms.heat) == (30, 1000, False)
    assert config.alarms.power
    assert not wrong


def test_a_choice_that_is_forgotten_gives_way_to_the_file(tmp_path: Path) -> None:
    choices = Choices(tmp_path)
    choices.put("retention", {"days": 30, "calls": 7})
    choices.forget("retention", ["days"])
    config, _ = choices.over(of_the_file())
    assert (config.retention.days, config.retention.calls) == (365, 7)


def test_the_choices_are_readable_by_the_box_only(tmp_path: Path) -> None:
    Choices(tmp_path).put("retention", {"days": 30})
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


def test_no_path_program_or_address_can_be_chosen(tmp_path: Path) -> None:
    for section, keys in ALLOWED.items():
        for key in keys:
            if isinstance(getattr(getattr(Config(), section), key), int | bool):
                continue
            with pytest.raises(ConfigError):  # of words, a few known ones
                Choices(tmp_path).put(section, {key: "/bin/sh"})


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("alarms", "command", "/bin/sh"),
        ("archive", "directory", "/etc"),
        ("retention", "days", -1),
        ("retention", "days", "30"),
        ("retention", "days", True),
        ("kitchen", "sink", 1),
    ],
)
def test_what_may_not_be_chosen_is_refused_and_does_not_count(
    tmp_path: Path, section: str, key: str, value: object
) -> None:
    choices = Choices(tmp_path)
    with pytest.raises(ConfigError):
        choices.put(section, {key: value})
    assert not (tmp_path / FILE).exists()
    (tmp_path / FILE).write_text(json.dumps({section: {key: value}, "retention": {"calls": 5}}))
    if section != "retention":
        config, wrong = choices.over(of_the_file())
        assert config == replace(of_the_file(), retention=RetentionConfig(days=365, calls=5))
        assert len(wrong) == 1


@pytest.mark.parametrize("torn", [b"", b"{", b"[1]", b'{"retention": 7}', b"\xff\x00"])
def test_a_torn_file_leaves_the_configuration_as_it_is_and_is_told(
    tmp_path: Path, torn: bytes
) -> None:
    (tmp_path / FILE).write_bytes(torn)
    config, wrong = Choices(tmp_path).over(of_the_file())
    assert config == of_the_file()
    assert len(wrong) == 1
    assert FILE in wrong[0]
