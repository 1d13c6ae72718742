"""Pin numbers against KiCad's own symbol libraries, so that a slip of the pen is found.

Parts that KiCad's libraries of Debian 12 do not have (AQW214EH, TLV9004 in SOIC, P2001) are not
compared; their pins are those of the data sheets and must be looked at by whoever builds.
"""

from __future__ import annotations

import re
from pathlib import Path

from hardware.circuit.model import Circuit

LIBRARIES = Path("/usr/share/kicad/symbols")
# Part -> library, symbol. Names are compared where KiCad's symbol names its pins.
SYMBOLS = {
    "U3": ("Comparator", "LM339"),
    "U4": ("Analog_ADC", "ADS1115IDGS"),
    "U5": ("Analog_DAC", "MCP4725xxx-xCH"),
    "U6": ("Amplifier_Operational", "TLV9062xD"),
    "U7": ("Audio", "WM8731SEDS"),
    "U8": ("Memory_EEPROM", "24LC32"),
    "D2": ("Diode", "BAV70"),
}
SAME = {"~{CSB}": "CSB", "XTI/MCLK": "XTI", "ALERT/RDY": "ALERT", "GND": "VSS"}
Node = list["Node | str"]


def faults(circuit: Circuit) -> list[str]:
    """Pins that KiCad's symbols number or name otherwise."""
    found = []
    for ref, (library, symbol) in SYMBOLS.items():
        theirs = _pins(library, symbol)
        ours = circuit[ref].kind.pins
        if set(theirs) != set(ours):
            found.append(f"{ref}: pins {sorted(ours)}, {symbol} has {sorted(theirs)}")
            continue
        for num, name in theirs.items():
            mine = ours[num][0]
            if name in ("~", "+", "-"):  # units of amplifiers carry only their sign
                fits = name == "~" or mine.endswith(name)
            else:
                fits = mine in (name, SAME.get(name, name)) or mine.rstrip("12") == name
            if not fits:
                found.append(f"{ref}.{num}: {mine} here, {name} in KiCad's {symbol}")
    return found


def parse(text: str) -> Node:
    """KiCad's s-expressions as nested lists of words."""
    stack: list[Node] = [[]]
    for word in re.findall(r'"(?:[^"\\]|\\.)*"|[()]|[^\s()]+', text):
        if word == "(":
            stack.append([])
        elif word == ")":
            done = stack.pop()
            stack[-1].append(done)
        else:
            stack[-1].append(word.strip('"'))
    return stack[0]


def _pins(library: str, name: str) -> dict[str, str]:
    tree = parse((LIBRARIES / f"{library}.kicad_sym").read_text())[0]
    symbols = {node[1]: node for node in tree if isinstance(node, list) and node[0] == "symbol"}
    found: dict[str, str] = {}
    symbol = symbols[name]
    for node in symbol:
        if isinstance(node, list) and node[0] == "extends":
            symbol = symbols[node[1]]

    def walk(node: Node) -> None:
        for inner in node:
            if not isinstance(inner, list):
                continue
            if inner and inner[0] == "pin":
                fields = {entry[0]: entry[1] for entry in inner if isinstance(entry, list)}
                found[str(fields["number"])] = str(fields["name"])
            else:
                walk(inner)

    walk(symbol)
    return found
