"""The four sheets: where each symbol stands and which wires are drawn."""

from __future__ import annotations

import schemdraw.elements as elm

from hardware.circuit.model import Circuit
from hardware.drawing.sense_sheet import sense
from hardware.drawing.sheet import Sheet


def line(circuit: Circuit) -> Sheet:
    """Sheet 1: the telephone line and the barrier."""
    s = Sheet(circuit, "1, the line and the barrier")
    s.chip("J1", (0, 10), ["1", "4"], ["3", "2"], name="RJ11, the line")
    s.chip("J2", (0, 5.5), [], ["1", "2"], name="terminal")
    s.two("RT1", elm.FuseIEEE, (5.5, 9.5), "right")
    s.two("RT2", elm.FuseIEEE, (5.5, 4.25), "right")
    s.wire(s.at("J1", "TIP"), (4.8, 9.5), s.at("RT1", "1"))
    s.wire(s.at("J2", "1"), (4.8, 5.0), (4.8, 9.5))
    s.wire(s.at("J1", "RING"), (4.3, 8.75), (4.3, 4.25), s.at("RT2", "1"))
    s.wire(s.at("J2", "2"), (4.3, 4.25))
    for point in ((4.8, 9.5), (4.3, 4.25)):
        s.dot(point)
    s.wire((7.5, 9.5), (14.5, 9.5))
    s.wire((7.5, 4.25), (14.5, 4.25))
    s.two("D1", elm.DiodeTVS, (9, 9.5), "down", length=5.25)
    s.two("R1", elm.Resistor, (12, 9.5), "up")
    s.two("R3", elm.Resistor, (12, 11.5), "up")
    s.two("R2", elm.Resistor, (12, 4.25), "down")
    s.two("R4", elm.Resistor, (12, 2.25), "down")
    for x in (9, 12):
        s.dot((x, 9.5))
        s.dot((x, 4.25))
    for y, out, names in (
        (9.5, 1, ("C1", "R5", "C30", "R7")),
        (4.25, -1, ("C2", "R6", "C31", "R8")),
    ):
        film, tap, ceramic, inject = names
        s.two(film, elm.Capacitor, (14.5, y), "right")
        s.two(tap, elm.Resistor, (18, y), "right")
        s.two(ceramic, elm.Capacitor, (18, y + 1.5 * out), "right")
        s.two(inject, elm.Resistor, (18, y - 1.6 * out), "right")
        s.wire((16.5, y), (18, y))
        s.wire((18, y + 1.5 * out), (17.4, y + 1.5 * out), (17.4, y), (17.4, y - 1.6 * out))
        s.wire((17.4, y - 1.6 * out), (18, y - 1.6 * out))
        s.wire((20, y + 1.5 * out), (20.6, y + 1.5 * out), (20.6, y))
        s.wire((20, y), (23, y))
        s.dot((17.4, y))
        s.dot((20.6, y))
    for y, away, net in ((9.5, "up", "T1_T"), (4.25, "down", "T1_R")):
        end = y + (0.8 if away == "up" else -0.8)
        s.wire((22, y), (22, end))
        s.flag((22, end), net, away)
        s.dot((22, y))
    made = elm.Transformer(t1=6, t2=6).right().at((24, 8.1)).anchor("p1")
    made.label("T1 P2001 600:600", loc="top", fontsize=9, ofst=0.3)
    s.symbol(
        "T1",
        made,
        {"P1": ("p1", "up"), "P2": ("p2", "down"), "S1": ("s1", "right"), "S2": ("s2", "right")},
    )
    s.wire((23, 9.5), (23, s.at("T1", "P1")[1]), s.at("T1", "P1"))
    s.wire((23, 4.25), (23, s.at("T1", "P2")[1]), s.at("T1", "P2"))
    s.chip("U1", (16.8, 0.6), ["1", "2", "3", "4"], ["8", "7", "6", "5"], name="AQW214EH switch")
    s.note((0, -2.2), "Only T1, U1, R3 and R4 cross the isolation barrier.")
    return s


def audio(circuit: Circuit) -> Sheet:
    """Sheet 3: tap amplifier, injection, codec."""
    s = Sheet(circuit, "3, audio")
    y = 12.0
    s.symbol(
        "D4",
        elm.DiodeTVS().down(2).at((2, y)).label("D4\nBAV99", loc="bottom", fontsize=9),
        {"M": ("start", "up"), "A": ("end", "down")},
    )
    s.pins["D4", "2"] = s.pins["D4", "1"]
    s.sides["D4", "2"] = "down"
    s.flag((0.6, y), "TX", "left")
    s.two("C12", elm.Capacitor, (3.4, y), "right")
    s.wire((0.6, y), (3.4, y))
    s.amplifier("U6", "A", (11, 12.625), ("INA-", "INA+", "OUTA"))
    s.wire((5.4, y), s.at("U6", "INA+"))
    s.two("R32", elm.Resistor, (6.2, y), "down")
    minus = s.at("U6", "INA-")
    s.two("R33", elm.Resistor, (8, 15), "right")
    s.two("C13", elm.Capacitor, (8, 16.4), "right")
    s.wire(minus, (7, minus[1]), (7, 15), (8, 15))
    s.wire((7, 15), (7, 16.4), (8, 16.4))
    s.wire((10, 15), (11, 15), (11, 12.625))
    s.wire((10, 16.4), (11, 16.4), (11, 15))
    s.two("R34", elm.Resistor, (5, 15), "left")
    s.wire((7, 15), (5, 15))
    s.two("C14", elm.Capacitor, (3, 15), "left")
    made = elm.NFet().right().at((-0.6, 15)).anchor("drain").label("Q1", loc="left", fontsize=9)
    s.symbol("Q1", made, {"G2": ("gate", "right"), "S2": ("source", "down"), "D2": ("drain", "up")})
    s.wire((1, 15), s.at("Q1", "D2"))
    s.two("R49", elm.Resistor, (13, 2.2), "right")
    s.two("C15", elm.Capacitor, (12, 12.625), "right")
    s.wire((11, 12.625), (12, 12.625))
    for point in ((2, y), (6.2, y), (7, 15), (11, 15), (11, 12.625)):
        s.dot(point)
    s.two("C17", elm.Capacitor, (0, 5.625), "right")
    s.two("R35", elm.Resistor, (2.6, 5.625), "right")
    s.wire((2, 5.625), (2.6, 5.625))
    s.amplifier("U6", "B", (10, 5), ("INB-", "INB+", "OUTB"))
    s.wire((4.6, 5.625), s.at("U6", "INB-"))
    s.two("R36", elm.Resistor, (7, 7.4), "right")
    s.wire((5.6, 5.625), (5.6, 7.4), (7, 7.4))
    s.wire((9, 7.4), (10, 7.4), (10, 5))
    s.two("C18", elm.Capacitor, (10.6, 5), "right")
    s.wire((10, 5), (10.6, 5))
    s.two("R37", elm.Resistor, (13.2, 5), "right")
    s.wire((12.6, 5), (13.2, 5))
    s.two("R47", elm.Resistor, (0, 3), "right")
    s.two("C32", elm.Capacitor, (3, 3), "down")
    s.wire((2, 3), (4.2, 3))
    s.flag((4.2, 3), "VREF_A", "right")
    for point in ((5.6, 5.625), (10, 5), (3, 3)):
        s.dot(point)
    s.two("R38", elm.Resistor, (7, 0.6), "right")
    made = (
        elm.NFet().right().at((15, 0)).anchor("drain").label("Q1 BSS138DW", loc="left", fontsize=9)
    )
    s.symbol("Q1", made, {"G1": ("gate", "right"), "S1": ("source", "down"), "D1": ("drain", "up")})
    gate = s.at("Q1", "G1")
    s.two("R39", elm.Resistor, (gate[0] + 0.8, gate[1]), "down")
    s.wire(gate, (gate[0] + 1.6, gate[1]))
    s.flag((gate[0] + 1.6, gate[1]), "INJECT", "right")
    s.dot((gate[0] + 0.8, gate[1]))
    s.chip(
        "U7",
        (21, 16.5),
        [str(n) for n in range(1, 15)],
        [str(n) for n in range(28, 14, -1)],
        width=4.5,
        pitch=0.9,
        name="WM8731 codec",
    )
    s.two("X1", elm.Crystal, (21.5, 1), "right")
    s.two("C19", elm.Capacitor, (21.5, 1), "down")
    s.two("C20", elm.Capacitor, (23.5, 1), "down")
    for place, ref in enumerate(("C21", "C22", "C23", "C24", "C25", "C26", "C16")):
        s.two(ref, elm.Capacitor, (26 + 1.9 * place, 1), "down")
    s.power("U6", (34, 9), ("8", "4"))
    return s


def pi(circuit: Circuit) -> Sheet:
    """Sheet 4: the Raspberry Pi, lamps, button, identity."""
    s = Sheet(circuit, "4, the Pi")
    s.chip(
        "J3",
        (4, 16),
        [str(n) for n in range(1, 40, 2)],
        [str(n) for n in range(2, 41, 2)],
        width=4.5,
        pitch=0.8,
        name="40-pin header",
    )
    for y, resistor, lamp in ((15, "R40", "D5"), (12.4, "R41", "D6"), (9.8, "R42", "D7")):
        s.two(resistor, elm.Resistor, (15, y), "right")
        s.two(lamp, elm.LED, (18, y), "right", one="A", two="K")
        s.pins[lamp, "2"] = s.pins.pop((lamp, "A"))
        s.pins[lamp, "1"] = s.pins.pop((lamp, "K"))
        s.sides[lamp, "2"], s.sides[lamp, "1"] = "left", "right"
        s.wire((17, y), (18, y))
    s.two("R43", elm.Resistor, (15, 7), "right")
    s.two("SW1", elm.Button, (18, 7), "right")
    s.wire((17, 7), (18, 7))
    s.two("FB1", elm.Inductor, (15, 4), "right")
    s.two("C27", elm.Capacitor, (17.6, 4), "down")
    s.wire((17, 4), (18.4, 4))
    s.flag((18.4, 4), "3V3A", "right")
    s.dot((17.6, 4))
    s.two("C28", elm.Capacitor, (20.6, 4), "down")
    s.two("C29", elm.Capacitor, (22.6, 4), "down")
    s.chip("U8", (26, 14), ["1", "2", "3", "4"], ["8", "7", "6", "5"], name="24C32 identity")
    s.two("R44", elm.Resistor, (25, 6.6), "up")
    s.two("R45", elm.Resistor, (27.5, 6.6), "up")
    s.two("R46", elm.Resistor, (30, 6.6), "up")
    s.wire((30, 6.6), (30, 5.8))
    s.two("JP1", elm.Switch, (30, 5.8), "down")
    s.wire((30, 6.2), (31, 6.2))
    s.flag((31, 6.2), "WP", "right")
    s.dot((30, 6.2))
    return s


SHEETS = {"line": line, "sense": sense, "audio": audio, "pi": pi}
