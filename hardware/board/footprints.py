"""Footprints: KiCad's own by name, and the two that it has not.

`tipring:SSOP_TSSOP-28` takes a WM8731 (SSOP, 5.3 mm body, 7.8 mm over the leads) and a
TLV320AIC23B (TSSOP, 4.4 mm body, 6.4 mm): same pitch, pads long enough for both.
`tipring:PTC_TRF250` is a radial disc with leads 5.08 mm apart.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

KICAD = Path("/usr/share/kicad/footprints")


def load(pcbnew: Any, name: str) -> Any:
    """A footprint, fresh. Raises FileNotFoundError."""
    library, entry = name.split(":")
    if library == "tipring":
        return {"SSOP_TSSOP-28": _codec, "PTC_TRF250": _disc}[entry](pcbnew)
    found = pcbnew.FootprintLoad(str(KICAD / f"{library}.pretty"), entry)
    if found is None:
        raise FileNotFoundError(f"no footprint {name}; is the package kicad-footprints installed?")
    return found


def _point(pcbnew: Any, x: float, y: float) -> Any:
    return pcbnew.wxPointMM(x, y)


def _outline(
    pcbnew: Any, footprint: Any, left: float, top: float, right: float, low: float
) -> None:
    for layer, grow, width in ((pcbnew.F_CrtYd, 0.0, 0.05), (pcbnew.F_SilkS, -0.25, 0.12)):
        box = pcbnew.FP_SHAPE(footprint, pcbnew.SHAPE_T_RECT)
        start = _point(pcbnew, left - grow, top - grow)
        end = _point(pcbnew, right + grow, low + grow)
        box.SetStart0(start)
        box.SetEnd0(end)
        box.SetLayer(layer)
        box.SetWidth(pcbnew.FromMM(width))
        box.SetDrawCoord()
        footprint.Add(box)


def _codec(pcbnew: Any) -> Any:
    footprint = pcbnew.FOOTPRINT(None)
    footprint.SetFPID(pcbnew.LIB_ID("tipring", "SSOP_TSSOP-28"))
    footprint.SetAttributes(pcbnew.FP_SMD)
    for place in range(14):
        y = -4.225 + 0.65 * place
        for number, x in ((place + 1, -3.35), (28 - place, 3.35)):
            pad = pcbnew.PAD(footprint)
            pad.SetNumber(str(number))
            pad.SetShape(pcbnew.PAD_SHAPE_ROUNDRECT)
            pad.SetAttribute(pcbnew.PAD_ATTRIB_SMD)
            pad.SetLayerSet(pcbnew.PAD.SMDMask())
            pad.SetSize(pcbnew.wxSizeMM(2.3, 0.42))
            pad.SetPos0(_point(pcbnew, x, y))
            footprint.Add(pad)
    # An outline on the silk screen would cross the pads: courtyard only, and a dot for pin 1.
    box = pcbnew.FP_SHAPE(footprint, pcbnew.SHAPE_T_RECT)
    box.SetStart0(_point(pcbnew, -4.7, -5.3))
    box.SetEnd0(_point(pcbnew, 4.7, 5.3))
    box.SetLayer(pcbnew.F_CrtYd)
    box.SetWidth(pcbnew.FromMM(0.05))
    footprint.Add(box)
    dot = pcbnew.FP_SHAPE(footprint, pcbnew.SHAPE_T_CIRCLE)
    dot.SetStart0(_point(pcbnew, -3.35, -4.95))
    dot.SetEnd0(_point(pcbnew, -3.15, -4.95))
    dot.SetLayer(pcbnew.F_SilkS)
    dot.SetWidth(pcbnew.FromMM(0.15))
    footprint.Add(dot)
    return footprint


def _disc(pcbnew: Any) -> Any:
    footprint = pcbnew.FOOTPRINT(None)
    footprint.SetFPID(pcbnew.LIB_ID("tipring", "PTC_TRF250"))
    footprint.SetAttributes(pcbnew.FP_THROUGH_HOLE)
    for number, x in (("1", 0.0), ("2", 5.08)):
        pad = pcbnew.PAD(footprint)
        pad.SetNumber(number)
        pad.SetShape(pcbnew.PAD_SHAPE_CIRCLE)
        pad.SetAttribute(pcbnew.PAD_ATTRIB_PTH)
        pad.SetLayerSet(pcbnew.PAD.PTHMask())
        pad.SetSize(pcbnew.wxSizeMM(1.8, 1.8))
        pad.SetDrillSize(pcbnew.wxSizeMM(0.9, 0.9))
        pad.SetPos0(_point(pcbnew, x, 0.0))
        footprint.Add(pad)
    _outline(pcbnew, footprint, -1.2, -2.4, 6.28, 2.4)
    return footprint
