"""The process that systemd starts."""

from dataclasses import replace

import pytest

from firmware.config import Config, LineConfig
from firmware.daemon.process import _hat
from firmware.line.errors import ProfileError


def test_a_wrong_profile_does_not_stop_the_process_but_is_told_when_the_pins_are_wanted() -> None:
    config = replace(Config(), line=replace(LineConfig(), profile="/nowhere.toml"))
    profile, pins = _hat(config)
    assert profile.inputs
    with pytest.raises(ProfileError, match="nowhere"):
        pins()
