"""The sheets as SVG and as one PDF each; the check that they show the whole circuit."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from hardware.circuit.model import Circuit
from hardware.drawing.sheets import SHEETS


def draw(circuit: Circuit, folder: Path) -> list[str]:
    """Write `schematic-<sheet>.svg`; what the drawings say otherwise than the circuit."""
    folder.mkdir(parents=True, exist_ok=True)
    found: list[str] = []
    shown: set[tuple[str, str]] = set()
    for name, make in SHEETS.items():
        sheet = make(circuit)
        sheet.finish()
        found += sheet.faults()
        shown |= set(sheet.pins) | sheet.hidden
        text = sheet.drawing.get_imagedata("svg").decode()
        (folder / f"schematic-{name}.svg").write_text(steady(text))
    every = {(part.ref, num) for part in circuit for num in part.kind.pins}
    found += [f"{ref}.{num} is on no sheet" for ref, num in sorted(every - shown)]
    return found


def steady(svg: str) -> str:
    """The same bytes for the same drawing, on white."""
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.S)
    return svg.replace("<svg ", '<svg style="background:white" ', 1).rstrip() + "\n"


def pdf(source: Path, target: Path) -> None:
    """All sheets as pages of one PDF, by rsvg-convert (Debian: librsvg2-bin)."""
    sheets = [str(source / f"schematic-{name}.svg") for name in SHEETS]
    subprocess.run(["rsvg-convert", "-f", "pdf", "-o", str(target), *sheets], check=True)
