"""The overlay, compiled by dtc and read back: names and addresses against the schematic."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from hardware.circuit.model import Circuit

SOURCE = Path(__file__).resolve().parent / "tipring-hat-overlay.dts"
# Part -> its node in the overlay; the address is in the part's note.
CHIPS = {"U7": "wm8731", "U4": "ads1115", "U5": "mcp4725"}


def compiled(folder: Path) -> tuple[Path, str]:
    """The .dtbo, and what dtc said; raises CalledProcessError where it does not compile."""
    target = folder / "tipring-hat.dtbo"
    done = subprocess.run(
        ["dtc", "-@", "-I", "dts", "-O", "dtb", "-o", str(target), str(SOURCE)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return target, done.stderr.strip()


def faults(circuit: Circuit, folder: Path) -> list[str]:
    """What is wrong with the overlay; it is read back from the compiled file."""
    target, said = compiled(folder)
    text = subprocess.run(
        ["dtc", "-I", "dtb", "-O", "dts", str(target)], capture_output=True, text=True, check=True
    ).stdout
    found = [f"dtc warns: {said}"] if said else []
    for ref, name in CHIPS.items():
        address = circuit[ref].note[:4]
        if f"{name}@{address.removeprefix('0x')} {{" not in text:
            found.append(f"{ref}: no node {name}@{address} in the overlay")
    if "brcm,pins" in text or "gpio-hog" in text:
        found.append("the overlay claims GPIO pins; the recorder could not")
    for label in ("i2s", "i2c1", "sound"):
        if not re.search(rf"^\s*{label} = \"/fragment@", text, flags=re.M):
            found.append(f"the overlay does not reach &{label}")
    return found
