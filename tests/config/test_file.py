"""The configuration says what is wrong, where, and what was expected."""

from pathlib import Path

import pytest

from firmware.config import Config, ConfigError, commented_default, load


def test_the_commented_default_is_the_default(tmp_path: Path) -> None:
    path = tmp_path / "tipring.toml"
    path.write_text(commented_default())
    assert load(path) == Config()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[audio]\nrate = 44100\n", ":2: audio.rate: expected one of 8000, 16000, found 44100"),
        ("[audio]\n\nspeed = 1\n", ":3: audio.speed: unknown key; expected one of device"),
        ("[calls]\nring_timeout_s = 'long'\n", "expected a number from 3 to 60, found 'long'"),
        ("[audio]\nrate = true\n", "found True"),
        ("[kitchen]\n", ":1: kitchen: expected one of archive"),
        ("version = 99\n", "expected 1 or less, found 99"),
        ("= 1\n", "not TOML"),
    ],
)
def test_a_wrong_file_names_line_key_and_what_was_expected(
    tmp_path: Path, text: str, said: str
) -> None:
    path = tmp_path / "tipring.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "none.toml")
