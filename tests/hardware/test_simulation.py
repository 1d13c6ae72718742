"""The short form of `make hw`'s simulation: a few boards on the hardest lines, every row met."""

from dataclasses import replace

import numpy as np
import pytest

from hardware.circuit.hat import hat
from hardware.simulation.comparators import Logic, above, both
from hardware.simulation.line import MAX_A, MIN_A, draw_line
from hardware.simulation.monte_carlo import corners, rows
from hardware.simulation.small_signal import measure
from hardware.simulation.spice import Draw, draw_board
from hardware.simulation.surge import stresses
from hardware.simulation.table import Row, least, most, text

RUNS = 8


def test_every_quantity_is_within_its_limit() -> None:
    found = rows(RUNS, 1)
    assert [row.quantity for row in found if not row.met] == []
    assert len(found) > 30


def test_a_row_that_is_missed_says_so() -> None:
    assert not most("a", 1.0, [0.5, 1.5], "V", "x").met
    assert least("a", 1.0, [1.5], "V", "x").met
    assert "MISSED" in text([Row("a", 1.0, 2.0, "V", "x")])


def test_lines_are_drawn_over_the_ranges_of_the_specification() -> None:
    rng = np.random.default_rng(1)
    lines = [draw_line(rng) for _ in range(400)]
    assert all(MIN_A - 1e-4 <= line.loop_a() <= MAX_A + 1e-4 for line in lines)
    assert min(line.feed_v for line in lines) < 26 and max(line.feed_v for line in lines) > 58
    assert max(line.km for line in lines) > 7
    assert {len(line.telephones) for line in lines} == {1, 2, 3}
    assert {line.reversed for line in lines} == {True, False}
    ends = list(corners())
    assert {line.ring_v for line in ends} == {35.0, 90.0}


def test_boards_are_drawn_within_the_tolerances_of_their_parts() -> None:
    circuit = hat()
    board = draw_board(circuit, np.random.default_rng(2))
    for part in circuit:
        if part.kind.name in ("R", "C"):
            assert abs(board.factor[part.ref] - 1) <= part.tolerance


def test_a_board_with_a_fault_misses_its_row() -> None:
    """The checks can fail: a tap resistor of a tenth loads the line and loses too much."""
    board = Draw({"R5": 0.1, "R6": 0.1})
    assert measure(hat(), board).insertion_db > 0.1


def test_without_the_surge_capacitors_the_switch_would_be_overrun() -> None:
    """Why C30 and C31 are there: a surge on both wires, through the transformer's capacitance."""
    board = replace(Draw(), thermistor_ohm=4.0, winding_f=90e-12)
    bare = replace(board, factor={"C30": 1e-3, "C31": 1e-3})

    def worst(draw: Draw) -> float:
        return max(s.used for s in stresses(hat(), draw) if s.part.startswith("U1 AQW"))

    assert worst(bare) > 1.0 > worst(board)


def test_a_comparator_has_hysteresis_and_its_edges_lie_between_the_samples() -> None:
    time = np.linspace(0.0, 1.0, 11)
    wave = np.array([0, 1, 2, 3, 2.5, 2.2, 2.5, 3, 1, 0, 0], dtype=float)
    found = above(time, wave, rising=2.5, falling=1.5)
    assert found.first is False
    assert found.edges == pytest.approx((0.25, 0.775))


def test_a_pin_held_down_by_another_is_low() -> None:
    held = both(Logic(True, (0.5,)), Logic(False, (0.2,)))
    assert (held.first, held.edges) == (False, (0.2, 0.5))
