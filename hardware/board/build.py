"""Builds the board with KiCad 6: `/usr/bin/python3 -m hardware.board.build OUT`.

Parts from the netlist at the places of `placement`, tracks by `router`, planes, silk screen; then
the file. Needs Debian's kicad (its Python module) and kicad-footprints; runs without a display.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from hardware.board import geometry as g
from hardware.board.footprints import load
from hardware.board.placement import PLACES
from hardware.board.router import Router
from hardware.board.terminals import Rules, Terminal
from hardware.circuit.hat import hat
from hardware.circuit.line_side import LINE_NETS
from hardware.circuit.model import NOT_CONNECTED, Circuit

BARRIER_CLASS = "Line"


def _mm(pcbnew: Any, x: float, y: float) -> Any:
    return pcbnew.wxPointMM(x, y)


def place(pcbnew: Any, board: Any, circuit: Circuit) -> None:
    """Nets, parts, outline and holes."""
    nets = {}
    for net in circuit.nets():
        nets[net] = pcbnew.NETINFO_ITEM(board, net)
        board.Add(nets[net])
    for part in circuit:
        footprint = load(pcbnew, part.footprint)
        x, y, angle = PLACES[part.ref]
        footprint.SetReference(part.ref)
        footprint.SetValue(part.value)
        footprint.SetPosition(_mm(pcbnew, x, y))
        footprint.SetOrientationDegrees(angle)
        for pad in footprint.Pads():
            net = part.nets.get(pad.GetNumber(), NOT_CONNECTED)
            if net != NOT_CONNECTED:
                pad.SetNet(nets[net])
        footprint.Value().SetVisible(False)
        text = footprint.Reference()
        text.SetTextSize(pcbnew.wxSizeMM(0.8, 0.8))
        text.SetTextThickness(pcbnew.FromMM(0.12))
        # KiCad's footprints name themselves on the assembly layer; ours get the name there.
        text.SetLayer(pcbnew.F_Fab)
        text.SetVisible(part.footprint.startswith("tipring:"))
        board.Add(footprint)
    _outline(pcbnew, board)
    for place_, (x, y) in enumerate(g.HOLES, 1):
        hole = load(pcbnew, "MountingHole:MountingHole_2.7mm_M2.5")
        hole.SetReference(f"H{place_}")
        hole.Reference().SetVisible(False)
        hole.Value().SetVisible(False)
        hole.SetPosition(_mm(pcbnew, x, y))
        board.Add(hole)


def _outline(pcbnew: Any, board: Any) -> None:
    r, w, h = g.CORNER, g.WIDTH, g.HEIGHT
    lines = [(r, 0, w - r, 0), (w, r, w, h - r), (w - r, h, r, h), (0, h - r, 0, r)]
    arcs = [
        ((w - r, r), (w - r, 0)),
        ((w - r, h - r), (w, h - r)),
        ((r, h - r), (r, h)),
        ((r, r), (0, r)),
    ]
    for x1, y1, x2, y2 in lines:
        shape = pcbnew.PCB_SHAPE(board, pcbnew.SHAPE_T_SEGMENT)
        shape.SetStart(_mm(pcbnew, x1, y1))
        shape.SetEnd(_mm(pcbnew, x2, y2))
        _edge(pcbnew, board, shape)
    for centre, start in arcs:
        shape = pcbnew.PCB_SHAPE(board, pcbnew.SHAPE_T_ARC)
        shape.SetCenter(_mm(pcbnew, *centre))
        shape.SetStart(_mm(pcbnew, *start))
        shape.SetArcAngleAndEnd(900)
        _edge(pcbnew, board, shape)


def _edge(pcbnew: Any, board: Any, shape: Any) -> None:
    shape.SetLayer(pcbnew.Edge_Cuts)
    shape.SetWidth(pcbnew.FromMM(0.1))
    board.Add(shape)


def terminals(pcbnew: Any, board: Any) -> list[Terminal]:
    """Every pad with copper as the router sees it; those without a net block everyone."""
    found = []
    for pad in board.GetPads():
        box = pad.GetBoundingBox()
        edges = tuple(
            pcbnew.ToMM(value)
            for value in (box.GetLeft(), box.GetTop(), box.GetRight(), box.GetBottom())
        )
        through = pad.GetAttribute() in (pcbnew.PAD_ATTRIB_PTH, pcbnew.PAD_ATTRIB_NPTH)
        net = pad.GetNetname() or f"none {pad.GetParent().GetReference()}.{pad.GetNumber()} {edges}"
        found.append(Terminal(net, edges, (0, 1) if through else (0,)))
    return found


def route(pcbnew: Any, board: Any) -> list[str]:
    """Tracks and vias on both sides of the barrier; the nets that failed."""
    pads = terminals(pcbnew, board)
    line = [pad for pad in pads if pad.net in LINE_NETS or pad.box[1] > g.BARRIER[1] - 1]
    rest = [pad for pad in pads if pad not in line]
    edge, keep = g.EDGE, g.HOLE_KEEP_OUT
    heads = [(x, y, keep) for x, y in g.HOLES]
    reach = g.LINE_HOLE_MM + g.HOLE_DIAMETER / 2
    far = [(x, y, reach) for x, y in g.HOLES]
    failed = []
    for side, rules, walls, planes in (
        (
            line,
            Rules(
                g.LINE_TRACK,
                g.LINE_CLEARANCE,
                1.2,
                (0.8, g.BARRIER[1] + 0.4, g.WIDTH - 0.8, g.HEIGHT - 0.8),
                0.2,
            ),
            far,
            set(),
        ),
        (
            rest,
            Rules(
                g.TRACK,
                g.CLEARANCE - 0.045,
                g.VIA,
                (
                    edge + g.VIA / 2,
                    edge + g.VIA / 2,
                    g.WIDTH - edge - g.VIA / 2,
                    g.BARRIER[0] - 0.31,
                ),
            ),
            heads,
            {"GND", "3V3A"},
        ),
    ):
        router = Router(rules, side, walls)
        failed += router.route(planes)
        for net in router.routes:
            _draw(pcbnew, board, net, router, rules)
    return failed


def _draw(pcbnew: Any, board: Any, net: str, router: Router, rules: Rules) -> None:
    info = board.FindNet(net)
    for layer, x1, y1, x2, y2 in router.tracks(net):
        track = pcbnew.PCB_TRACK(board)
        track.SetStart(_mm(pcbnew, x1, y1))
        track.SetEnd(_mm(pcbnew, x2, y2))
        track.SetWidth(pcbnew.FromMM(rules.track))
        track.SetLayer((pcbnew.F_Cu, pcbnew.B_Cu)[layer])
        track.SetNet(info)
        board.Add(track)
    for x, y in router.vias(net):
        via = pcbnew.PCB_VIA(board)
        via.SetPosition(_mm(pcbnew, x, y))
        via.SetWidth(pcbnew.FromMM(rules.via))
        via.SetDrill(pcbnew.FromMM(rules.via / 2))
        via.SetNet(info)
        board.Add(via)


def planes(pcbnew: Any, board: Any) -> None:
    """Ground and analogue supply on the inner layers, above the barrier only."""
    edge, low, right = g.PLANE_EDGE, g.BARRIER[0] - 0.01, g.WIDTH - g.PLANE_EDGE
    inset = g.HOLES[0][0] + g.HOLE_KEEP_OUT + 0.2  # nothing under the heads of the screws
    far = g.WIDTH - inset
    corners = [(inset, edge), (far, edge), (far, inset), (right, inset)]
    corners += [(right, low), (edge, low), (edge, inset), (inset, inset)]
    for layer, net in g.PLANES.items():
        zone = pcbnew.ZONE(board)
        zone.SetLayer(board.GetLayerID(layer))
        zone.SetNet(board.FindNet(net))
        zone.SetLocalClearance(pcbnew.FromMM(0.2))
        zone.SetThermalReliefGap(pcbnew.FromMM(0.2))
        zone.SetThermalReliefSpokeWidth(pcbnew.FromMM(0.3))
        zone.SetMinThickness(pcbnew.FromMM(0.2))
        zone.SetIslandRemovalMode(pcbnew.ISLAND_REMOVAL_MODE_ALWAYS)
        outline = zone.Outline()
        outline.NewOutline()
        for x, y in corners:
            outline.Append(pcbnew.FromMM(x), pcbnew.FromMM(y))
        board.Add(zone)
    filler = pcbnew.ZONE_FILLER(board)
    filler.Fill(board.Zones())


def labels(pcbnew: Any, board: Any) -> None:
    """What a person must read on the board."""
    for text, x, y, size in (
        ("TIPRING HAT rev A", 32.5, 8.0, 1.0),
        ("TELEPHONE LINE", 41.0, 31.2, 1.0),
        ("below: ringing voltage", 41.0, 33.0, 0.8),
        ("never tested, not certified", 41.0, 34.7, 0.7),
    ):
        label = pcbnew.PCB_TEXT(board)
        label.SetText(text)
        label.SetPosition(_mm(pcbnew, x, y))
        label.SetLayer(pcbnew.F_SilkS if y > 10 else pcbnew.B_SilkS)
        label.SetMirrored(y <= 10)
        label.SetTextSize(pcbnew.wxSizeMM(size, size))
        label.SetTextThickness(pcbnew.FromMM(0.15))
        board.Add(label)


def trim(pcbnew: Any, board: Any) -> None:
    """Silk screen that would be printed on a pad or off the board is left out."""
    room = pcbnew.FromMM(0.15)
    pads = []
    for pad in board.GetPads():
        box = pad.GetBoundingBox()
        box.Inflate(room)
        pads.append(box)
    edge = pcbnew.EDA_RECT(
        pcbnew.wxPointMM(0.2, 0.2), pcbnew.wxSizeMM(g.WIDTH - 0.4, g.HEIGHT - 0.4)
    )
    for footprint in board.GetFootprints():
        for item in list(footprint.GraphicalItems()):
            if item.GetLayer() not in (pcbnew.F_SilkS, pcbnew.B_SilkS):
                continue
            box = item.GetBoundingBox()
            if not edge.Contains(box) or any(box.Intersects(pad) for pad in pads):
                footprint.Remove(item)


def settings(pcbnew: Any, board: Any) -> None:
    """Copper layers and the least that the board may have anywhere."""
    board.SetCopperLayerCount(len(g.LAYERS))
    rules = board.GetDesignSettings()
    rules.m_MinClearance = pcbnew.FromMM(g.CLEARANCE - 0.05)
    rules.m_TrackMinWidth = pcbnew.FromMM(g.TRACK)
    rules.m_ViasMinSize = pcbnew.FromMM(g.VIA)
    rules.m_MinThroughDrill = pcbnew.FromMM(g.VIA_DRILL)
    rules.m_CopperEdgeClearance = pcbnew.FromMM(g.EDGE)


def project(target: Path) -> None:
    """Net classes into the project file, the barrier into the custom rules beside it."""
    path = target.with_suffix(".kicad_pro")
    data = json.loads(path.read_text())
    default = data["net_settings"]["classes"][0]
    default |= {
        "clearance": g.CLEARANCE - 0.05,
        "track_width": g.TRACK,
        "via_diameter": g.VIA,
        "via_drill": g.VIA_DRILL,
    }
    line = default | {
        "name": BARRIER_CLASS,
        "clearance": g.LINE_CLEARANCE - 0.1,
        "track_width": g.LINE_TRACK,
        "via_diameter": 1.2,
        "via_drill": 0.6,
        "nets": list(LINE_NETS),
    }
    data["net_settings"]["classes"] = [default, line]
    path.write_text(json.dumps(data, indent=2, sort_keys=True) + "\n")
    target.with_suffix(".kicad_dru").write_text(
        "(version 1)\n"
        "# Telephone line against everything else: the isolation barrier.\n"
        "(rule barrier\n"
        f"  (constraint clearance (min {g.BARRIER_MM}mm))\n"
        f"  (condition \"A.NetClass == '{BARRIER_CLASS}' && B.NetClass != '{BARRIER_CLASS}'"
        " && B.NetName != ''\"))\n"
    )


def main(arguments: list[str]) -> int:
    """Build, route and save; 1 when a net could not be routed."""
    import pcbnew

    target = Path(arguments[0])
    board = pcbnew.NewBoard(str(target))
    settings(pcbnew, board)
    place(pcbnew, board, hat())
    board.SynchronizeNetsAndNetClasses()
    failed = route(pcbnew, board)
    planes(pcbnew, board)
    trim(pcbnew, board)
    labels(pcbnew, board)
    pcbnew.SaveBoard(str(target), board)
    project(target)
    print(f"{target}: {len(board.GetTracks())} tracks and vias; not routed: {failed or 'none'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
