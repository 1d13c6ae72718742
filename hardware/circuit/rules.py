"""Electrical rules over the netlist, and the rule that matters most: what crosses the barrier."""

from __future__ import annotations

from hardware.circuit.line_side import BARRIER_PARTS, LINE_NETS
from hardware.circuit.model import INPUT, OPEN, OUTPUT, POWER, SUPPLY, Circuit

POWER_NETS = {"GND", "5V", "3V3", "3V3A"}
PULLED_UP_BY_THE_PI = {"SDA", "SCL"}  # 1.8 kohm on the Raspberry Pi itself


def faults(circuit: Circuit) -> list[str]:
    """Each breach of a rule, in words; an empty list is a pass."""
    return _net_faults(circuit) + _part_faults(circuit) + barrier_faults(circuit)


def _net_faults(circuit: Circuit) -> list[str]:
    found = []
    for net, pins in circuit.nets().items():
        does = [circuit[ref].kind.pins[num][1] for ref, num in pins]
        if len(pins) < 2:
            found.append(f"net {net} has one pin only: {pins[0][0]}.{pins[0][1]}")
        if does.count(OUTPUT) > 1:
            found.append(f"net {net} has {does.count(OUTPUT)} outputs against each other")
        if POWER in does and net not in POWER_NETS:
            found.append(f"net {net} feeds a power pin and is no supply")
        if net in ("GND", "5V", "3V3") and SUPPLY not in does:
            found.append(f"supply {net} comes from nowhere")
        if OPEN in does and net not in PULLED_UP_BY_THE_PI and not _pulled_up(circuit, net):
            found.append(f"net {net} is open-drain and has no pull-up")
        if INPUT in does and len(pins) == does.count(INPUT):
            found.append(f"net {net} has inputs only")
    return found


def _pulled_up(circuit: Circuit, net: str) -> bool:
    return any(
        part.kind.name == "R" and net in part.nets.values() and "3V3A" in part.nets.values()
        for part in circuit
    )


def _part_faults(circuit: Circuit) -> list[str]:
    found = []
    for part in circuit:
        if part.kind.name != "JUMPER" and not (part.maker and part.mpn and part.second):
            found.append(f"{part.ref} has no maker, part number or second source")
        if len(set(part.nets.values())) == 1:
            found.append(f"{part.ref} is shorted: every pin on {part.nets['1']}")
    return found


def barrier_faults(circuit: Circuit) -> list[str]:
    """Parts that touch both the line's nets and the Pi's, other than those made for it."""
    found = []
    for part in circuit:
        nets = {net for net in part.nets.values() if net != "NC"}
        line, pi = nets & set(LINE_NETS), nets - set(LINE_NETS)
        if line and pi and part.ref not in BARRIER_PARTS:
            found.append(f"{part.ref} joins the line ({sorted(line)}) to the Pi ({sorted(pi)})")
    for net in LINE_NETS:
        if net not in circuit.nets():
            found.append(f"line net {net} is not on the board")
    return found
