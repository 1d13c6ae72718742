"""The committed files that are made from source: what each is called and what is in it."""

from __future__ import annotations

import io
import subprocess
import zipfile
from pathlib import Path

from hardware.circuit import exports
from hardware.circuit.model import Circuit
from hardware.drawing.render import draw
from hardware.eeprom.image import image

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
OUTPUT = HERE / "output"
PROFILE = ROOT / "firmware" / "line" / "profiles" / "tipring-a.toml"
SETTINGS = HERE / "eeprom" / "tipring-hat.txt"
BOARD = OUTPUT / "tipring-hat.kicad_pcb"
GERBERS = OUTPUT / "tipring-hat-gerbers.zip"
PICTURES = ("top", "bottom", "assembly")


def texts(circuit: Circuit) -> dict[Path, bytes]:
    """Path -> content of every file that needs no tool to make."""
    return {
        PROFILE: exports.profile(circuit).encode(),
        OUTPUT / "tipring-hat.net": exports.netlist(circuit).encode(),
        OUTPUT / "bom.csv": exports.bill(circuit).encode(),
        OUTPUT / "tipring-hat.eep": image(SETTINGS.read_text()),
    }


def stale(circuit: Circuit, drawn: Path) -> list[str]:
    """Committed files that are not what the source gives; sheets are drawn into `drawn`."""
    found = [
        f"{path.relative_to(ROOT)} is not what its source gives; run `python -m hardware make`"
        for path, content in texts(circuit).items()
        if not path.exists() or path.read_bytes() != content
    ]
    found += draw(circuit, drawn)
    for svg in sorted(drawn.glob("schematic-*.svg")):
        kept = OUTPUT / svg.name
        if not kept.exists() or kept.read_bytes() != svg.read_bytes():
            found.append(f"{kept.relative_to(ROOT)} is not what its source draws")
    return found


def make(circuit: Circuit) -> list[Path]:
    """Write all of them. The board is made by KiCad: `python -m hardware board`."""
    OUTPUT.mkdir(exist_ok=True)
    for path, content in texts(circuit).items():
        path.write_bytes(content)
    faults = draw(circuit, OUTPUT)
    if faults:
        raise SystemExit("\n".join(faults))
    return [*texts(circuit), *sorted(OUTPUT.glob("schematic-*.svg"))]


def pack(folder: Path) -> bytes:
    """The Gerbers, drill file and place file of a folder as a zip; the same for the same files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for path in sorted(folder.iterdir()):
            entry = zipfile.ZipInfo(path.name, (1980, 1, 1, 0, 0, 0))
            made.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED, 9)
    return out.getvalue()


def unpacked(content: bytes) -> dict[str, bytes]:
    """Name -> content of each file in a zip."""
    with zipfile.ZipFile(io.BytesIO(content)) as read:
        return {name: read.read(name) for name in read.namelist()}


def picture(svg: Path, target: Path, width: int = 1100) -> None:
    """An SVG of KiCad as a small PNG; its fonts are lines, so rsvg's warnings do not matter."""
    command = ["rsvg-convert", "-w", str(width), "-b", "white", "-o", str(target), str(svg)]
    subprocess.run(command, check=True, capture_output=True)
