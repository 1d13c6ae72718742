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


def _copper(pcbnew: Any, board: Any) -> tuple[list[Any], list[Any]]:
    """Line copper and all other copper, as polygons: (name, polygon set)."""
    line, other = [], []
    for item in [*board.GetTracks(), *board.GetPads(), *board.Zones()]:
        name = item.GetNetname()
        for layer in item.GetLayerSet().CuStack():
            shape = pcbnew.SHAPE_POLY_SET()
            if isinstance(item, pcbnew.ZONE):
                shape = pcbnew.SHAPE_POLY_SET(item.GetFilledPolysList(layer))
            else:
                item.TransformShapeWithClearanceToPolygon(
                    shape, layer, 0, pcbnew.FromMM(0.005), pcbnew.ERROR_INSIDE
                )
            if shape.OutlineCount():
                (line if name in LINE_NETS else other).append((name, shape))
    return line, other


def barrier_mm(pcbnew: Any, board: Any) -> tuple[float, str]:
    """The least distance between line copper and other copper, and between what."""
    line, other = _copper(pcbnew, board)
    least, where = float("inf"), ""
    for name, shape in other:
        if not name and shape.BBox().GetTop() > pcbnew.FromMM(g.BARRIER[1] - 1):
            continue  # the line sockets' own pegs and empty contacts
        for line_name, line_shape in line:
            gap = _gap(pcbnew, shape, line_shape)
            if gap < least:
                least, where = gap, f"{line_name} and {name or 'no net'}"
    return least, where


def _gap(pcbnew: Any, one: Any, two: Any) -> float:
    """Millimetres between two polygon sets, from the corners of each to the other's edges."""
    a, b = one.BBox(), two.BBox()
    dx = max(a.GetLeft() - b.GetRight(), b.GetLeft() - a.GetRight(), 0)
    dy = max(a.GetTop() - b.GetBottom(), b.GetTop() - a.GetBottom(), 0)
    rough = pcbnew.ToMM(int((dx * dx + dy * dy) ** 0.5))
    if rough > g.BARRIER_MM + 2:
        return float(rough)
    least = float("inf")
    for first, second in ((_edges(one), _edges(two)), (_edges(two), _edges(one))):
        for x, y, _, _ in first:
            for x1, y1, x2, y2 in second:
                least = min(least, _to_edge(x, y, x1, y1, x2, y2))
    return float(pcbnew.ToMM(int(least)))


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
    return ((x - x1 - share * dx) ** 2 + (y - y1 - share * dy) ** 2) ** 0.5


def hole_mm(pcbnew: Any, board: Any) -> float:
    """The least distance of line copper to the edge of a mounting hole."""
    line, _ = _copper(pcbnew, board)
    least = float("inf")
    for x, y in g.HOLES:
        for _, shape in line:
            for edge in _edges(shape):
                away = _to_edge(pcbnew.FromMM(x), pcbnew.FromMM(y), *edge)
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
    lines = ["Ref,Val,Package,PosX,PosY,Rot,Side"]
    for footprint in sorted(board.GetFootprints(), key=lambda f: f.GetReference()):
        at = footprint.GetPosition()
        lines.append(
            f"{footprint.GetReference()},{footprint.GetValue()},"
            f"{footprint.GetFPID().GetUniStringLibItemName()},{pcbnew.ToMM(at.x):.3f},"
            f"{-pcbnew.ToMM(at.y):.3f},{footprint.GetOrientationDegrees():.0f},top"
        )
    (folder / "places.csv").write_text("\n".join(lines) + "\n")


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
