"""The EEPROM image against Raspberry Pi's own eepmake and eepdump.

The PyPI package rpi-eeprom carries both, built for arm64; Debian's qemu-user runs them here. So the
image is compared byte by byte with what the maker's tool writes, and read by the maker's reader.
"""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

PACKAGES = (
    "qemu-user|Raspberry Pi's own EEPROM tools, which are built for arm64|command -v qemu-aarch64",
    "libc6-arm64-cross|the C library for them|test -e /usr/aarch64-linux-gnu/lib/libc.so.6",
)
WHEEL = "rpi-eeprom==1.1.0"


def tools(folder: Path) -> Path:
    """The folder of eepmake and eepdump, from the wheel."""
    pip = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "-q",
        "--disable-pip-version-check",
        "--no-deps",
    ]
    subprocess.run([*pip, "-d", str(folder), WHEEL], check=True, capture_output=True)
    with zipfile.ZipFile(next(folder.glob("rpi_eeprom-*.whl"))) as wheel:
        for name in ("eepmake", "eepdump"):
            (folder / name).write_bytes(wheel.read(f"rpi_eeprom/_vendor/bin/{name}"))
            (folder / name).chmod(0o755)
    return folder


def faults(image: bytes, settings: Path, folder: Path) -> list[str]:
    """Where the maker's tools disagree with our image."""
    at = tools(folder)
    run = ["qemu-aarch64", "-L", "/usr/aarch64-linux-gnu"]
    theirs, ours = folder / "theirs.eep", folder / "ours.eep"
    subprocess.run([*run, str(at / "eepmake"), str(settings), str(theirs)], check=True,
                   capture_output=True)  # fmt: skip
    found = [] if theirs.read_bytes() == image else ["eepmake writes other bytes"]
    ours.write_bytes(image)
    said = subprocess.run([*run, str(at / "eepdump"), str(ours)], capture_output=True, text=True)
    for line in settings.read_text().splitlines():
        if line and not line.startswith("#") and line not in said.stdout:
            found.append(f"eepdump does not read back: {line}")
    return found
