"""The case as STL, in the size that the board needs, and watertight."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from pathlib import Path

from hardware.board import geometry as g
from hardware.board.placement import PLACES

SOURCE = Path(__file__).resolve().parent / "tipring_case.scad"
PARTS = ("base", "lid")
INNER_WIDTH, INNER_HEIGHT, WALL = 86.2, g.HEIGHT + 1.2, 2.0


def values() -> list[str]:
    """What the case takes from the board."""
    jack, terminal, button = PLACES["J1"], PLACES["J2"], PLACES["SW1"]
    lamps = ",".join(f"[{PLACES[ref][0]:g},{PLACES[ref][1]:g}]" for ref in ("D5", "D6", "D7"))
    return [
        f"hat_w={g.WIDTH}",
        f"hat_h={g.HEIGHT}",
        f"jack_x={jack[0] - 9.3:g}",
        f"term_x={terminal[0] - 3.2:g}",
        f"button=[{button[0]:g},{button[1]:g}]",
        f"lamps=[{lamps}]",
    ]


def make(folder: Path) -> list[str]:
    """Write case-base.stl and case-lid.stl; what is wrong with them."""
    found = []
    for part in PARTS:
        target = folder / f"case-{part}.stl"
        options = [option for value in [f'part="{part}"', *values()] for option in ("-D", value)]
        subprocess.run(["openscad", "-q", *options, "-o", str(target), str(SOURCE)], check=True)
        found += _faults(target)
    return found


def _faults(path: Path) -> list[str]:
    text = path.read_text()
    points = re.findall(r"vertex (\S+) (\S+) (\S+)", text)
    edges: Counter[tuple[tuple[str, ...], tuple[str, ...]]] = Counter()
    for place in range(0, len(points), 3):
        corners = points[place : place + 3]
        for one, two in zip(corners, corners[1:] + corners[:1], strict=True):
            edges[one, two] += 1
    found = []
    if any(edges[two, one] != count for (one, two), count in edges.items()):
        found.append(f"{path.name} is not watertight")
    size = [
        max(float(point[axis]) for point in points) - min(float(point[axis]) for point in points)
        for axis in (0, 1)
    ]
    wanted = (INNER_WIDTH + 2 * WALL, INNER_HEIGHT + 2 * WALL)
    if any(abs(have - want) > 0.05 for have, want in zip(size, wanted, strict=True)):
        found.append(f"{path.name} is {size}, not {wanted} mm")
    return found


def pictures(folder: Path) -> None:
    """A PNG of each part; OpenSCAD draws on a display, so through xvfb-run."""
    for part in PARTS:
        options = [option for value in [f'part="{part}"', *values()] for option in ("-D", value)]
        subprocess.run(
            ["xvfb-run", "-a", "openscad", "-q", *options, "--imgsize=900,650", "--viewall",
             "--autocenter", "--colorscheme=Tomorrow", "-o", str(folder / f"case-{part}.png"),
             str(SOURCE)],
            check=True, capture_output=True,
        )  # fmt: skip
