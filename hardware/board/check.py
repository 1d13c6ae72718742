"""Checks and plots a board with KiCad: `/usr/bin/python3 -m hardware.board.check BOARD OUT`.

Prints one JSON object: breaches of KiCad's design rules, what differs from the netlist, and the
least distance of line copper to everything else, measured here from the copper itself, layer by
layer and through the board, without KiCad's rule engine. Writes Gerbers, drill files, a place file
and pictures into OUT.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hardware.board import geometry as g
from hardware.circuit.hat import hat
from hardware.circuit.line_side import BARRIER_PARTS, LINE_NETS
from hardware.circuit.model import NOT_CONNECTED

PLOTS = (
    ("F_Cu", "F.Cu"), ("In1_Cu", "In1.Cu"), ("In2_Cu", "In2.Cu"), ("B_Cu", "B.Cu"),
    ("F_Mask", "F.Mask"), ("B_Mask", "B.Mask"), ("F_Paste", "F.Paste"), ("F_SilkS", "F.SilkS"),
    ("B_SilkS", "B.SilkS"), ("Edge_Cuts", "Edge.Cuts"),
)  # fmt: skip


PICTURES = {
    "top": ("Edge_Cuts", "F_Cu", "F_Mask", "F_SilkS"),
    "bottom": ("Edge_Cuts", "B_Cu", "B_SilkS"),
    "assembly": ("Edge_Cuts", "F_Fab", "F_CrtYd"),
}


def design_rules(pcbnew: Any, board: Any, report: Path) -> dict[str, int]:
    """Breaches of the rules by their kind, as KiCad reports them."""
    pcbnew.WriteDRCReport(board, str(report), pcbnew.EDA_UNITS_MILLIMETRES, True)
    text = report.read_text()
    return dict(Counter(re.findall(r"^\[(\w+)\]", text, flags=re.M)))


def differs(board: Any) -> list[str]:
    """Where the board's parts, pads and nets are not those of the circuit."""
    circuit = hat()
    found = []
    seen = {f.GetReference(): f for f in board.GetFootprints()}
    for part in circuit:
        if part.ref not in seen:
            found.append(f"{part.ref} is not on the board")
            continue
        footprint = seen.pop(part.ref)
        pads: dict[str, set[str]] = {}
        for pad in footprint.Pads():
            if pad.GetNumber():
                pads.setdefault(pad.GetNumber(), set()).add(pad.GetNetname() or NOT_CONNECTED)
        for num, net in part.nets.items():
            if pads.get(num) != {net}:
                found.append(
                    f"{part.ref}.{num}: {net} in the circuit, {pads.get(num)} on the board"
                )
    found += [f"{ref} is not in the circuit" for ref in sorted(seen) if not ref.startswith("H")]
    return found


@dataclass(frozen=True, slots=True)
class Copper:
    """A piece of copper: edges in board units, fattened by `radius`."""

    net: str
    edges: tuple[tuple[int, int, int, int], ...]
    radius: int
    pad: bool = False

    def box(self) -> tuple[int, int, int, int]:
        """Left, top, right, low."""
        xs = [edge[place] for edge in self.edges for place in (0, 2)]
        ys = [edge[place] for edge in self.edges for place in (1, 3)]
        r = self.radius
        return min(xs) - r, min(ys) - r, max(xs) + r, max(ys) + r


def copper(pcbnew: Any, board: Any) -> list[Copper]:
    """Every track, via, pad and filled area, whatever its layer."""
    found = []
    for track in board.GetTracks():
        start, end = track.GetStart(), track.GetEnd()
        edge = (start.x, start.y, end.x, end.y)
        found.append(Copper(track.GetNetname(), (edge,), track.GetWidth() // 2))
    for pad in board.GetPads():
        shape = pad.GetEffectivePolygon()
        found.append(Copper(pad.GetNetname(), tuple(_edges(shape)), 0, True))
    for zone in board.Zones():
        for layer in zone.GetLayerSet().CuStack():
            shape = zone.GetFilledPolysList(layer)
            found.append(Copper(zone.GetNetname(), tuple(_edges(shape)), 0))
    return found


def barrier_mm(pcbnew: Any, board: Any) -> tuple[float, str]:
    """The least distance in plan of line copper to other copper, and between what.

    Layers do not count: copper on one face is as far from that on another as if both were on one.
    """
    pieces = copper(pcbnew, board)
    edge = pcbnew.FromMM(g.BARRIER[1] - 1)
    line = [piece for piece in pieces if piece.net in LINE_NETS]
    # Pegs and empty contacts of the line's own sockets lie on the line side and are part of it.
    other = [
        piece
        for piece in pieces
        if piece.net not in LINE_NETS and (piece.net or piece.box()[1] < edge)
    ]
    least, where = float("inf"), ""
    for one in line:
        for two in other:
            if _far(one.box(), two.box(), pcbnew.FromMM(g.BARRIER_MM + 2)):
                continue
            gap = _gap(one, two)
            if gap < least:
                least, where = gap, f"{one.net} and {two.net or 'no net'}"
    return float(pcbnew.ToMM(int(least))), where


def _far(one: tuple[int, ...], two: tuple[int, ...], limit: int) -> bool:
    dx = max(one[0] - two[2], two[0] - one[2], 0)
    dy = max(one[1] - two[3], two[1] - one[3], 0)
    return bool(dx * dx + dy * dy > limit * limit)


def _gap(one: Copper, two: Copper) -> float:
    least = float("inf")
    for first, second in ((one.edges, two.edges), (two.edges, one.edges)):
        for x1, y1, x2, y2 in first:
            for edge in second:
                least = min(least, _to_edge(x1, y1, *edge), _to_edge(x2, y2, *edge))
    return least - one.radius - two.radius


def _edges(shape: Any) -> list[tuple[int, int, int, int]]:
    found = []
    for outline in range(shape.OutlineCount()):
        chain = shape.Outline(outline)
        count = chain.PointCount()
        points = [(chain.CPoint(place).x, chain.CPoint(place).y) for place in range(count)]
        found += [(*points[place - 1], *points[place]) for place in range(count)]
    return found


def _to_edge(x: float, y: float, x1: float, y1: float, x2: float, y2: float) -> float:
    dx, dy = x2 - x1, y2 - y1
    length = dx * dx + dy * dy
    share = 0.0 if length == 0 else min(max(((x - x1) * dx + (y - y1) * dy) / length, 0.0), 1.0)
    return float(((x - x1 - share * dx) ** 2 + (y - y1 - share * dy) ** 2) ** 0.5)


def hole_mm(pcbnew: Any, board: Any) -> float:
    """The least distance of line copper to the edge of a mounting hole."""
    least = float("inf")
    for piece in copper(pcbnew, board):
        if piece.net not in LINE_NETS:
            continue
        for x, y in g.HOLES:
            for edge in piece.edges:
                away = _to_edge(pcbnew.FromMM(x), pcbnew.FromMM(y), *edge) - piece.radius
                least = min(least, float(pcbnew.ToMM(int(away))) - g.HOLE_DIAMETER / 2)
    return least


def bridging(board: Any) -> list[str]:
    """Parts with pads on both sides of the barrier that are not meant to have any."""
    found = []
    for footprint in board.GetFootprints():
        sides = {pad.GetNetname() in LINE_NETS for pad in footprint.Pads() if pad.GetNetname()}
        if len(sides) == 2 and footprint.GetReference() not in BARRIER_PARTS:
            found.append(footprint.GetReference())
    return found


def plot(pcbnew: Any, board: Any, folder: Path) -> None:
    """Gerbers, drill file, place file and pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    control = pcbnew.PLOT_CONTROLLER(board)
    options = control.GetPlotOptions()
    options.SetOutputDirectory(str(folder.resolve()))
    options.SetPlotFrameRef(False)
    options.SetUseGerberProtelExtensions(False)
    options.SetCreateGerberJobFile(False)
    options.SetIncludeGerberNetlistInfo(False)
    options.SetSubtractMaskFromSilk(True)
    for attribute, name in PLOTS:
        control.SetLayer(getattr(pcbnew, attribute))
        control.OpenPlotfile(attribute, pcbnew.PLOT_FORMAT_GERBER, name)
        control.PlotLayer()
    control.ClosePlot()
    drill = pcbnew.EXCELLON_WRITER(board)
    drill.SetOptions(False, False, pcbnew.wxPoint(0, 0), True)
    drill.SetFormat(True)
    drill.CreateDrillandMapFilesSet(str(folder.resolve()), True, False)
    for path in folder.glob("*.*"):
        path.write_text(undated(path.read_text()))
    lines = ["Ref,Val,Package,PosX,PosY,Rot,Side"]
    for footprint in sorted(board.GetFootprints(), key=lambda f: f.GetReference()):
        at = footprint.GetPosition()
        lines.append(
            f"{footprint.GetReference()},{footprint.GetValue()},"
            f"{footprint.GetFPID().GetUniStringLibItemName()},{pcbnew.ToMM(at.x):.3f},"
            f"{-pcbnew.ToMM(at.y):.3f},{footprint.GetOrientationDegrees():.0f},top"
        )
    (folder / "places.csv").write_text("\n".join(lines) + "\n")
    options.SetOutputDirectory(str(folder.parent.resolve()))
    for name, layers in PICTURES.items():
        control.SetColorMode(True)
        control.SetLayer(pcbnew.Edge_Cuts)
        control.OpenPlotfile(name, pcbnew.PLOT_FORMAT_SVG, name)
        for layer in layers:
            control.SetLayer(getattr(pcbnew, layer))
            control.PlotLayer()
    control.ClosePlot()
    for path in folder.parent.glob("tipring-hat-*.svg"):
        path.write_text(cropped(path.read_text()))


def cropped(svg: str) -> str:
    """A plot of the board alone, not of the whole sheet of paper it is drawn on."""
    width, height = g.WIDTH + 2, g.HEIGHT + 3
    head = re.search(r'width="([\d.]+)cm"[^>]*?viewBox="0 0 ([\d.]+) ', svg)
    if head is None:
        raise ValueError("KiCad's SVG has no size")
    unit = float(head[2]) / (float(head[1]) * 10)  # of the drawing for each millimetre
    box = f'viewBox="{-unit:.0f} {-unit:.0f} {width * unit:.0f} {height * unit:.0f}"'
    svg = re.sub(r'width="[\d.]+cm"', f'width="{width}mm"', svg, count=1)
    svg = re.sub(r'height="[\d.]+cm"', f'height="{height}mm"', svg, count=1)
    svg = re.sub(r'viewBox="[^"]*"', box, svg, count=1)
    return re.sub(r"<title>.*?</title>", "<title>Tipring HAT</title>", svg, flags=re.S)


def undated(text: str) -> str:
    """A plot without the time at which it was made, so that equal boards give equal files."""
    lines = [
        line
        for line in text.splitlines()
        if "CreationDate" not in line and not line.startswith(("G04 Created by", "; DRILL file"))
    ]
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Check and plot; the JSON on standard output says what was found."""
    import pcbnew

    source, folder = Path(arguments[0]), Path(arguments[1])
    folder.mkdir(parents=True, exist_ok=True)
    board = pcbnew.LoadBoard(str(source))
    gap, between = barrier_mm(pcbnew, board)
    found = {
        "rules": design_rules(pcbnew, board, folder / "drc.txt"),
        "differs": differs(board),
        "bridging": bridging(board),
        "barrier_mm": gap,
        "barrier_between": between,
        "hole_mm": hole_mm(pcbnew, board),
        "tracks": len(board.GetTracks()),
    }
    plot(pcbnew, board, folder / "gerber")
    print(json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
