"""What `sudo make install` puts on a Pi."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UNITS = sorted((ROOT / "scripts/install").glob("*.service"))


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.stem)
def test_a_service_is_locked_in(unit: Path) -> None:
    words = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(unit)]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    exposure = re.search(r"Overall exposure level for \S+: ([\d.]+)", said)
    assert exposure, said
    assert float(exposure[1]) <= 1.5


def test_the_recorder_is_started_anew_at_once_and_without_end_when_its_samples_stop() -> None:
    unit = (ROOT / "scripts/install/tipring-recorder.service").read_text()
    for line in ("Type=notify", "WatchdogSec=30", "Restart=always", "StartLimitIntervalSec=0"):
        assert line in unit.splitlines()


def test_there_is_a_service_for_each_process() -> None:
    assert [unit.stem for unit in UNITS] == [
        "tipring-evidence",
        "tipring-recorder",
        "tipring-stamp",
        "tipring-web",
    ]
    for unit in UNITS:
        assert ("Restart=always" in unit.read_text()) == (unit.stem != "tipring-stamp")


def test_installing_and_removing_leaves_configuration_and_recordings(tmp_path: Path) -> None:
    environment = {**os.environ, "DESTDIR": str(tmp_path)}
    recordings = tmp_path / "var/lib/tipring/calls"
    recordings.mkdir(parents=True)
    (recordings / "call.flac").write_bytes(b"x")

    def run(script: str) -> str:
        path = ROOT / "scripts/install" / script
        done = subprocess.run(
            ["bash", str(path)], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("install.sh")
    program = tmp_path / "opt/tipring/bin/tipring"
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    assert re.match(r"\d+\.\d+", said.stdout)
    names = subprocess.run(
        [program, "simulate", "missed", "--archive", tmp_path / "try"], check=False
    )
    assert names.returncode == 0
    assert list((tmp_path / "opt/tipring/lib").rglob("web/templates/call.html"))
    assert list((tmp_path / "opt/tipring/lib").rglob("web/static/style.css"))
    configuration = tmp_path / "etc/tipring/tipring.toml"
    configuration.write_text(configuration.read_text() + "# mine\n")
    assert "is kept as it is" in run("install.sh")
    assert configuration.read_text().endswith("# mine\n")
    assert "recordings" in run("uninstall.sh")
    assert not program.exists()
    assert not list((tmp_path / "etc/systemd/system").iterdir())
    assert not list((tmp_path / "etc/udev/rules.d").iterdir())
    assert (recordings / "call.flac").exists()
    assert configuration.exists()


def test_the_rules_for_usb_media_mount_where_the_recorder_looks_and_run_nothing_from_them() -> None:
    from firmware.config import Config

    rules = (ROOT / "scripts/install/61-tipring-media.rules").read_text()
    mounts = re.findall(r"systemd-mount (.*)\"", rules)
    assert len(mounts) == 2
    for words in mounts:
        assert f"{Config().archive.media}/%k" in words
        for option in ("nosuid", "nodev", "noexec"):
            assert option in words
    unit = (ROOT / "scripts/install/tipring-recorder.service").read_text()
    assert f"ReadWritePaths=-{Config().archive.media}" in unit


def hat(boot: Path, what: str, **environment: str) -> str:
    words = ["bash", str(ROOT / "scripts/install/hat.sh"), what]
    environment = {**os.environ, "DESTDIR": str(boot), **environment}
    return subprocess.run(words, env=environment, capture_output=True, text=True, check=True).stdout


@pytest.fixture(params=["boot/firmware", "boot"])
def boot(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    (tmp_path / request.param / "overlays").mkdir(parents=True)
    (tmp_path / request.param / "config.txt").write_text("dtparam=audio=on\n[pi4]\narm_boost=1\n")
    return tmp_path / request.param


def test_the_hats_overlay_is_put_with_the_others_and_config_txt_is_left_to_the_owner(
    boot: Path, tmp_path: Path
) -> None:
    before = (boot / "config.txt").read_text()
    said = hat(tmp_path, "add")
    made = (boot / "overlays/tipring-hat.dtbo").read_bytes()
    assert made.startswith(b"\xd0\x0d\xfe\xed"), "a device tree blob"
    assert b"mcp4725" in made
    assert "make install HAT=yes" in said
    assert (boot / "config.txt").read_text() == before
    hat(tmp_path, "remove")
    assert not (boot / "overlays/tipring-hat.dtbo").exists()
    assert (boot / "config.txt").read_text() == before


def test_config_txt_loads_the_overlay_when_the_owner_says_so_once_and_until_it_is_removed(
    boot: Path, tmp_path: Path
) -> None:
    before = (boot / "config.txt").read_text()
    hat(tmp_path, "add", HAT="yes")
    said = hat(tmp_path, "add", HAT="yes")
    assert "already" in said
    lines = (boot / "config.txt").read_text().splitlines()
    assert lines.count("dtoverlay=tipring-hat") == 1
    assert lines.index("[all]") < lines.index("dtoverlay=tipring-hat")
    hat(tmp_path, "remove")
    assert (boot / "config.txt").read_text() == before


def test_an_owners_own_line_in_config_txt_is_never_taken_away(boot: Path, tmp_path: Path) -> None:
    own = "dtoverlay=tipring-hat,nocodec\n"
    (boot / "config.txt").write_text(own)
    hat(tmp_path, "add", HAT="yes")
    hat(tmp_path, "remove")
    assert (boot / "config.txt").read_text() == own


def test_a_computer_without_a_boot_folder_gets_no_overlay(tmp_path: Path) -> None:
    assert hat(tmp_path, "add") == ""


def test_the_recorder_may_write_the_hats_dac_and_nothing_else_of_the_kernels() -> None:
    from hardware.circuit.hat import hat as board

    unit = (ROOT / "scripts/install/tipring-recorder.service").read_text().splitlines()
    address = board()["U5"].note[:4].removeprefix("0x")
    open_paths = [line for line in unit if line.startswith("ReadWritePaths") and "/sys" in line]
    assert open_paths == [f"ReadWritePaths=-/sys/bus/i2c/devices/1-00{address}"]
    assert "ProtectKernelTunables=yes" in unit
    rules = (ROOT / "scripts/install/62-tipring-hat.rules").read_text()
    from firmware.line import gauge

    written = re.findall(r'"(out_voltage0_raw|store_eeprom)"', Path(gauge.__file__).read_text())
    for name in {"out_voltage0_raw", "store_eeprom"} | set(written):
        assert rules.count(f"/sys$devpath/{name}") == 2
