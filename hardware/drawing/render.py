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


def pdf(folder: Path) -> list[Path]:
    """A PDF and a PNG beside each SVG, by rsvg-convert (Debian: librsvg2-bin)."""
    made = []
    for svg in sorted(folder.glob("schematic-*.svg")):
        for form, options in (("pdf", ["-f", "pdf"]), ("png", ["-w", "1600", "-b", "white"])):
            target = svg.with_suffix(f".{form}")
            subprocess.run(["rsvg-convert", *options, "-o", str(target), str(svg)], check=True)
            made.append(target)
    return made
