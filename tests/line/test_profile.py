"""HAT profiles."""

from pathlib import Path

import pytest

from firmware.line.errors import ProfileError
from firmware.line.profile import HatProfile


def test_the_tipring_hat_has_the_documented_pins() -> None:
    profile = HatProfile.default()
    pins = {name: entry.pin for name, entry in profile.inputs.items()}
    assert pins == {"offhook": 17, "ring": 22, "polarity": 25, "line_ok": 5, "flag": 27}
    assert dict(profile.lamps) == {"ok": 23, "rec": 24, "fault": 12}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[inputs.offhook]\npin = 99", "inputs.offhook.pin: expected a BCM pin from 0 to 27"),
        ("[inputs.hook]\npin = 9", "inputs.hook: expected one of offhook"),
        ("[inputs.flag]\npin = 9\npull = 'up'", "holds the input active"),
        ("[inputs.flag]\npin = 9\ninverted = 3", "inputs.flag.inverted"),
        ("[inputs.flag]\npin = 9\n[lamps]\nok = 9", "pin 9 is used twice"),
        ("[inputs.flag]\npull = 'up'", "expected a table with a pin"),
        ("nonsense", "cannot be read"),
    ],
)
def test_a_wrong_profile_names_file_key_and_what_was_expected(
    text: str, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "hat.toml"
    path.write_text(text)
    with pytest.raises(ProfileError) as caught:
        HatProfile.named(str(path))
    assert str(path) in str(caught.value)
    assert said in str(caught.value)


def test_an_unknown_name_says_which_are_known() -> None:
    with pytest.raises(ProfileError, match="tipring-a"):
        HatProfile.named("other")
