"""Sheet 2, the fullest: amplifiers, rectifier, references, comparators, converters."""

from __future__ import annotations

import schemdraw.elements as elm

from hardware.circuit.model import Circuit
from hardware.drawing.sheet import Sheet


def sense(circuit: Circuit) -> Sheet:
    """Sheet 2: the line's voltage as a number and as four outputs."""
    s = Sheet(circuit, "2, sensing")
    s.amplifier("U2", "A", (8, 12), ("INA-", "INA+", "OUTA"))
    minus, plus = s.at("U2", "INA-"), s.at("U2", "INA+")
    s.two("R10", elm.Resistor, (5, 14.4), "right")
    s.two("C4", elm.Capacitor, (5, 15.9), "right")
    s.wire(minus, (4, minus[1]), (4, 14.4), (5, 14.4))
    s.wire((4, 14.4), (4, 15.9), (5, 15.9))
    s.wire((7, 14.4), (8, 14.4), (8, 12))
    s.wire((7, 15.9), (8, 15.9), (8, 14.4))
    s.two("R9", elm.Resistor, (4, 10), "down")
    s.wire(plus, (4, plus[1]), (4, 10))
    s.two("C3", elm.Capacitor, (2.2, 10), "down")
    s.wire((2.2, 10), (4, 10))
    s.flag((2.2, 10), "SENSE_P", "left")
    s.flag((4, minus[1]), "SENSE_N", "left")
    s.wire((8.8, 12), (8.8, 13))
    s.flag((8.8, 13), "SENSE", "up")
    made = (
        elm.Potentiometer().down(2).at((4, 8)).label("RV1\n10k", loc="top", fontsize=9, ofst=0.15)
    )
    s.symbol("RV1", made, {"1": ("start", "up"), "3": ("end", "down"), "2": ("tap", "right")})
    for point in ((4, 14.4), (8, 14.4), (4, 10), (8, 12), (8.8, 12)):
        s.dot(point)
    s.amplifier("U2", "B", (16, 11.375), ("INB-", "INB+", "OUTB"))
    minus = s.at("U2", "INB-")
    s.two("R11", elm.Resistor, (9.6, 12), "right")
    s.wire((8, 12), (9.6, 12))
    s.two("R12", elm.Resistor, (13, 14.4), "right")
    s.wire((11.6, 12), minus)
    s.wire((12, 12), (12, 14.4), (13, 14.4))
    s.wire((15, 14.4), (16, 14.4), (16, 11.375))
    s.dot((12, 12))
    _rectifier(s)
    _references(s)
    _comparators(s)
    s.chip("U4", (38, 16), ["8", "4", "5", "6", "7", "3"], ["9", "10", "1", "2"])
    s.chip("U5", (38, 9.4), ["3", "6", "2"], ["1", "4", "5"])
    for place, ref in enumerate(("C8", "C9", "C10", "C11")):
        s.two(ref, elm.Capacitor, (36.5 + 2 * place, 5), "down")
    s.power("U2", (37, 1.2), ("4", "11"))
    s.power("U3", (41, 1.2), ("3", "12"))
    return s


def _rectifier(s: Sheet) -> None:
    s.amplifier("U2", "C", (9, 3.2), ("INC-", "INC+", "OUTC"))
    s.amplifier("U2", "D", (9, -0.6), ("IND-", "IND+", "OUTD"))
    upper = elm.Diode().right(1.6).at((9.4, 3.2)).label("D2 BAV70", fontsize=9)
    lower = elm.Diode().right(1.6).at((9.4, -0.6))
    s.symbol("D2", upper, {"A1": ("start", "left"), "K": ("end", "right")})
    s.symbol("D2", lower, {"A2": ("start", "left")})
    s.wire((9, 3.2), (9.4, 3.2))
    s.wire((9, -0.6), (9.4, -0.6))
    s.wire((11, 3.2), (11.8, 3.2), (11.8, -0.6), (11, -0.6))
    s.two("R13", elm.Resistor, (11.8, -0.6), "down")
    s.two("R14", elm.Resistor, (13, 3.2), "right")
    s.two("C5", elm.Capacitor, (15.6, 3.2), "down")
    s.two("R48", elm.Resistor, (13, -0.6), "right")
    s.two("C33", elm.Capacitor, (15.6, -0.6), "down")
    s.wire((11.8, 3.2), (13, 3.2))
    s.wire((11.8, -0.6), (13, -0.6))
    s.wire((15, 3.2), (16.6, 3.2))
    s.wire((15, -0.6), (16.6, -0.6))
    s.flag((16.6, 3.2), "HOOKF", "right")
    s.flag((16.6, -0.6), "MEAN", "right")
    s.flag((11.8, 3.2), "ABS", "up")
    for point in ((11.8, 3.2), (11.8, -0.6), (15.6, 3.2), (15.6, -0.6)):
        s.dot(point)


def _references(s: Sheet) -> None:
    s.two("R15", elm.Resistor, (20, 16), "down")
    s.two("R16", elm.Resistor, (20, 14), "down")
    s.two("R17", elm.Resistor, (20, 12), "down")
    s.two("C6", elm.Capacitor, (21.6, 12), "down")
    s.wire((20, 12), (22.4, 12))
    s.flag((22.4, 12), "VREF", "right")
    s.wire((20, 14), (19.2, 14))
    s.flag((19.2, 14), "OK_REF", "left")
    for point in ((20, 14), (20, 12), (21.6, 12)):
        s.dot(point)


def _comparators(s: Sheet) -> None:
    for unit, y, names in (
        ("1", 15, ("IN1-", "IN1+", "OUT1")),
        ("2", 9.6, ("IN2-", "IN2+", "OUT2")),
        ("3", 4.2, ("IN3-", "IN3+", "OUT3")),
        ("4", -1.2, ("IN4-", "IN4+", "OUT4")),
    ):
        s.amplifier("U3", f".{unit}", (31, y), names)
    # Off-hook: TH from the DAC, hysteresis, pull-up, D3 from LINE_OK.
    s.two("R18", elm.Resistor, (23, 14.375), "right")
    s.wire((25, 14.375), s.at("U3", "IN1+"))
    s.two("R19", elm.Resistor, (25.4, 17.6), "down")
    s.wire((25.4, 15.6), (25.4, 14.375))
    s.dot((25.4, 14.375))
    s.wire((26.8, 12.8), (25.6, 12.8))
    s.flag((25.6, 12.8), "TH", "left")
    s.dot((26.8, 12.8))
    s.two("R20", elm.Resistor, (28, 12.8), "right", one="2", two="1")
    s.wire((26.8, 14.375), (26.8, 12.8), (28, 12.8))
    s.wire((30, 12.8), (31.5, 12.8), (31.5, 15), (31, 15))
    s.two("R28", elm.Resistor, (32, 15), "up")
    s.wire((31.5, 15), (33.4, 15))
    s.flag((33.4, 15), "OFFHOOK", "right")
    s.symbol(
        "D3",
        elm.Schottky().down(2).at((32, 13.6)).label("D3\nBAT54", loc="bottom", fontsize=9),
        {"A": ("start", "up"), "K": ("end", "down")},
    )
    s.unused("D3", "2")
    s.wire((32, 15), (32, 13.6))
    s.two("R29", elm.Resistor, (33, 9.6), "up")
    s.wire((31, 9.6), (34, 9.6))
    s.wire((32, 11.6), (32, 9.6))
    s.flag((34, 9.6), "LINE_OK", "right")
    s.two("R27", elm.Resistor, (28, 7.4), "right", one="2", two="1")
    plus = s.at("U3", "IN2+")
    s.wire(plus, (27.2, plus[1]), (27.2, 7.4), (28, 7.4))
    s.wire((27.2, plus[1]), (26.4, plus[1]))
    s.flag((26.4, plus[1]), "HOOKF", "left")
    s.dot((27.2, plus[1]))
    s.wire((30, 7.4), (31.5, 7.4), (31.5, 9.6))
    # Ringing.
    s.two("C7", elm.Capacitor, (21, 4.825), "right")
    s.wire((23, 4.825), s.at("U3", "IN3-"))
    s.two("R21", elm.Resistor, (24, 4.825), "down")
    plus = s.at("U3", "IN3+")
    s.two("R22", elm.Resistor, (26.6, 7.4), "down")
    s.two("R23", elm.Resistor, (26.6, plus[1]), "down", loc="top")
    s.wire((26.6, 5.4), (26.6, plus[1]), plus)
    s.two("R24", elm.Resistor, (28, 1.9), "right", one="2", two="1")
    s.wire((27.3, plus[1]), (27.3, 1.9), (28, 1.9))
    s.wire((30, 1.9), (31.5, 1.9), (31.5, 4.2), (31, 4.2))
    s.two("R30", elm.Resistor, (32, 4.2), "up")
    s.wire((31.5, 4.2), (33.4, 4.2))
    s.flag((33.4, 4.2), "RING_N", "right")
    # Polarity.
    plus = s.at("U3", "IN4+")
    s.two("R25", elm.Resistor, (24, plus[1]), "right")
    s.wire((26, plus[1]), plus)
    s.two("R26", elm.Resistor, (28, -3.4), "right", one="2", two="1")
    s.wire((27.2, plus[1]), (27.2, -3.4), (28, -3.4))
    s.wire((30, -3.4), (31.5, -3.4), (31.5, -1.2), (31, -1.2))
    s.two("R31", elm.Resistor, (32, -1.2), "up")
    s.wire((31.5, -1.2), (33.4, -1.2))
    s.flag((33.4, -1.2), "POLARITY", "right")
    for point in (
        (26.8, 14.375),
        (31.5, 15),
        (32, 15),
        (32, 9.6),
        (33, 9.6),
        (31.5, 9.6),
        (24, 4.825),
        (26.6, plus[1]),
        (27.3, 3.575),
        (26.6, 3.575),
        (31.5, 4.2),
        (32, 4.2),
        (31.5, -1.2),
        (32, -1.2),
        (27.2, plus[1]),
    ):
        if point != (26.6, plus[1]):
            s.dot(point)
