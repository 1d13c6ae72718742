"""What was said until one second before the plug was pulled is there, and plays."""

import random
from pathlib import Path

import pytest

from scripts.durability.block import looped, make_ext4, mounted, why_not
from scripts.durability.power_cuts import DISK_BYTES, GROUP, Tape, cuts, one_cut

PATIENT_S = 5.0  # on a busy machine the sound itself is late; `make power-cuts` holds to 1.0 s

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not())


def test_500_power_cuts_lose_nothing_that_was_entered_and_little_of_the_running_call() -> None:
    assert cuts(500, seconds=10, lost_s=PATIENT_S) == []


def test_200_power_cuts_of_a_box_that_encrypts_lose_nothing_either() -> None:
    assert cuts(200, seconds=10, lost_s=PATIENT_S, sealed=True) == []


def test_a_torn_superblock_is_repaired_as_at_a_start_and_judged_as_strictly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = tmp_path / "whole.img"
    make_ext4(image, DISK_BYTES, GROUP)
    torn = bytearray(image.read_bytes())
    torn[1024 + 512 : 2048] = bytes(512)  # its second sector, with the checksum
    tape = Tape([])
    monkeypatch.setattr(tape, "cut", lambda _mode, _chance: bytes(torn))
    (tmp_path / "cut.img").write_bytes(torn)
    with (
        looped(tmp_path / "cut.img") as device,
        pytest.raises(OSError, match="cannot be mounted"),
        mounted(device, tmp_path / "cut"),
    ):
        pass
    chance = random.Random(1)
    assert one_cut(tape, "torn", False, 1.0, chance, tmp_path) == []
    tape.said.take("C 01")
    assert one_cut(tape, "torn", False, 1.0, chance, tmp_path) == ["the entered call 01 is lost"]


@pytest.mark.parametrize("careless", ["fdatasync", "fsync"])
def test_a_recorder_that_does_not_sync_would_be_found(careless: str) -> None:
    assert cuts(20, seconds=4, careless=careless)


def test_a_medium_that_lies_costs_audio_but_neither_crash_nor_a_call_that_can_be_read() -> None:
    assert cuts(30, seconds=6, lying=True) == []
