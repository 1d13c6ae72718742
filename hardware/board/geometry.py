"""The board's shape and rules, in millimetres, y down from the top edge where the header is.

Outline, holes and header are those of the HAT: 65 x 56.5 mm, holes 3.5 mm from the edges, header
centred at x = 32.5. The line side is below the barrier, the Pi's side above it.
"""

from __future__ import annotations

WIDTH, HEIGHT, CORNER = 65.0, 56.5, 3.0
HOLES = ((3.5, 3.5), (61.5, 3.5), (3.5, 52.5), (61.5, 52.5))
HOLE_DIAMETER = 2.75
HOLE_KEEP_OUT = 3.1  # radius: the head of an M2.5 screw
BARRIER = (29.84, 35.86)  # no copper between these lines but the parts that bridge it
BARRIER_MM = 6.0
LINE_HOLE_MM = 6.0  # line copper from the edge of a mounting hole

TRACK, CLEARANCE = 0.2, 0.2
LINE_TRACK, LINE_CLEARANCE = 0.5, 0.6
VIA, VIA_DRILL = 0.6, 0.3
EDGE = 0.4

# Copper layers from the top: parts and tracks, ground, analogue supply, tracks.
LAYERS = ("F.Cu", "In1.Cu", "In2.Cu", "B.Cu")
PLANES = {"In1.Cu": "GND", "In2.Cu": "3V3A"}
PLANE_EDGE = 0.6
