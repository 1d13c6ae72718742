"""The committed board against schematic and barrier, read as text (no KiCad); the router."""

import re
from itertools import combinations
from pathlib import Path

import pytest

from hardware.board import geometry as g
from hardware.board.placement import PLACES
from hardware.board.router import Router
from hardware.board.symbols import parse
from hardware.board.terminals import Rules, Terminal
from hardware.circuit.hat import hat
from hardware.circuit.line_side import LINE_NETS
from hardware.outputs import BOARD, GERBERS, HERE, unpacked


@pytest.fixture(scope="module")
def board() -> list:
    return parse(BOARD.read_text())[0]


def find(node: list, name: str) -> list[list]:
    return [entry for entry in node if isinstance(entry, list) and entry and entry[0] == name]


def test_the_committed_board_has_the_schematics_parts_and_nets(board: list) -> None:
    """Each pad of each part carries the circuit's net: a change of one without the other fails."""
    circuit = hat()
    seen = {}
    for footprint in find(board, "footprint"):
        texts = {entry[1]: entry[2] for entry in find(footprint, "fp_text")}
        ref = texts["reference"]
        pads: dict[str, set[str]] = {}
        for pad in find(footprint, "pad"):
            if pad[1]:
                nets = find(pad, "net")
                pads.setdefault(pad[1], set()).add(nets[0][2] if nets else "NC")
        seen[ref] = (texts["value"], pads)
    for part in circuit:
        value, pads = seen[part.ref]
        assert value == part.value
        assert pads == {num: {net} for num, net in part.nets.items()}, part.ref
    assert {ref for ref in seen if ref not in circuit.parts} == {"H1", "H2", "H3", "H4"}


def test_no_track_of_the_line_is_within_6_mm_of_any_other(board: list) -> None:
    """The barrier is a band across the board: line copper below it, all other copper above."""
    names = {entry[1]: entry[2] for entry in find(board, "net")}
    line = other = 0
    for kind in ("segment", "via"):
        for item in find(board, kind):
            net = names[find(item, "net")[0][1]]
            points = [find(item, name)[0] for name in ("start", "end", "at") if find(item, name)]
            half = float(find(item, "width" if kind == "segment" else "size")[0][1]) / 2
            ys = [float(point[2]) for point in points]
            if net in LINE_NETS:
                line += 1
                assert min(ys) - half >= g.BARRIER[1] - 0.001
            else:
                other += 1
                assert max(ys) + half <= g.BARRIER[0] + 0.001
    assert line > 50 and other > 1000
    assert g.BARRIER[1] - g.BARRIER[0] >= g.BARRIER_MM


def test_the_outline_is_that_of_a_hat(board: list) -> None:
    edges = [
        float(point[axis])
        for kind in ("gr_line", "gr_arc")
        for shape in find(board, kind)
        if find(shape, "layer")[0][1] == "Edge.Cuts"
        for name in ("start", "end")
        for point in find(shape, name)
        for axis in (1, 2)
    ]
    assert (min(edges), max(edges)) == (0.0, g.WIDTH)
    assert (g.WIDTH, g.HEIGHT) == (65.0, 56.5)
    first = PLACES["J3"]
    assert (first[0], first[1]) == (8.37, 4.77)  # pin 1 of a header centred at 32.5, 3.5


def test_the_gerbers_have_every_layer_and_the_holes() -> None:
    names = set(unpacked(GERBERS.read_bytes()))
    layers = ("F_Cu", "In1_Cu", "In2_Cu", "B_Cu", "F_Mask", "B_Mask", "F_SilkS", "Edge_Cuts")
    assert {f"tipring-hat-{layer}.gbr" for layer in layers} <= names
    assert "tipring-hat.drl" in names


@pytest.mark.parametrize("page", ["README.md", "BUILD.md"])
def test_every_file_that_the_guides_name_is_there(page: str) -> None:
    text = (HERE / page).read_text()
    links = re.findall(r"\]\(([^)#:]+)\)", text)
    assert links
    for link in links:
        assert (HERE / link).exists(), link
    for name in re.findall(r"`(output/[^`*]+)`", text):
        assert (HERE / Path(name)).exists(), name


RULES = Rules(0.2, 0.2, 0.6, (0.0, 0.0, 20.0, 10.0), 0.1)


def pad(net: str, x: float, y: float) -> Terminal:
    return Terminal(net, (x - 0.5, y - 0.5, x + 0.5, y + 0.5), (0,))


def test_nets_that_cross_are_routed_apart() -> None:
    pads = [pad("A", 2, 5), pad("A", 18, 5), pad("B", 10, 1), pad("B", 10, 9)]
    router = Router(RULES, pads, [])
    assert router.route(set()) == []
    assert router.vias("A") or router.vias("B")
    for one, two in combinations(_points(router, "A") + _points(router, "B"), 2):
        if one[0] != two[0] and one[1] == two[1]:
            assert (one[2] - two[2]) ** 2 + (one[3] - two[3]) ** 2 >= (0.4 - 0.01) ** 2


def _points(router: Router, net: str) -> list[tuple[str, int, float, float]]:
    found = []
    for layer, x1, y1, x2, y2 in router.tracks(net):
        steps = max(1, int(max(abs(x2 - x1), abs(y2 - y1)) / 0.1))
        for step in range(steps + 1):
            share = step / steps
            found.append((net, layer, x1 + share * (x2 - x1), y1 + share * (y2 - y1)))
    return found


def test_a_wall_is_gone_round_and_a_closed_one_is_said_so() -> None:
    pads = [pad("A", 2, 5), pad("A", 18, 5)]
    router = Router(RULES, pads, [(10.0, 5.0, 3.0)])
    assert router.route(set()) == []
    assert all((x - 10) ** 2 + (y - 5) ** 2 >= 9 for _, _, x, y in _points(router, "A"))
    assert Router(RULES, pads, [(10.0, 5.0, 6.0)]).route(set()) == ["A"]


def test_a_net_with_a_plane_gets_a_via_beside_each_pad() -> None:
    router = Router(RULES, [pad("GND", 5, 5), pad("GND", 15, 5)], [])
    assert router.route({"GND"}) == []
    assert len(router.vias("GND")) == 2
    for x, y in router.vias("GND"):
        assert all(abs(x - centre) > 0.5 or abs(y - 5) > 0.5 for centre in (5, 15))
