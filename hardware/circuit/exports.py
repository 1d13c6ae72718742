"""Files made from the circuit: netlist, bill of materials, the firmware's HAT profile."""

from __future__ import annotations

import csv
import io

from hardware.circuit.digital import SIGNALS
from hardware.circuit.model import Circuit, Part

# The firmware's name -> net, whether low means active, pull, debounce in seconds, why.
INPUTS = (
    ("offhook", "OFFHOOK", False, "none", 0.010, "high: below the off-hook threshold, line there"),
    ("ring", "RING_N", True, "none", 0.0, "low: ringing's positive half wave, 15 to 68 Hz"),
    ("polarity", "POLARITY", False, "none", 0.030, "high: tip is positive"),
    (
        "line_ok",
        "LINE_OK",
        False,
        "none",
        0.2,
        "high: there is a line\n"
        "# Shorter than a hang-up takes to be sure of, so that a cut in a call is not taken for a\n"
        "# hang-up.",
    ),
    ("flag", "FLAG_N", True, "up", 0.020, "low: the button is pressed"),
)
LAMPS = (("ok", "LAMP_OK", "green"), ("rec", "LAMP_REC", "red"), ("fault", "LAMP_FAULT", "yellow"))
OUTPUTS = (("inject", "INJECT", "high: announcement and beep reach the line; off without power"),)


def bcm(net: str) -> int:
    """The BCM number of the header pin on a net."""
    (name,) = (pin for pin, on in SIGNALS.items() if on == net)
    return int(name.removeprefix("BCM"))


def board_pin(circuit: Circuit, net: str) -> int:
    """The number, 1 to 40, of the header pin on a net."""
    return next(int(num) for num, on in circuit["J3"].nets.items() if on == net)


def profile(circuit: Circuit) -> str:
    """The text of `firmware/line/profiles/tipring-a.toml`."""
    lines = [
        f"# The {circuit.title}, revision {circuit.revision}. Made from the schematic by"
        " `python -m hardware profile`;",
        "# do not edit. Pins are BCM numbers; an inverted input is active when its pin is low.",
        '# pull: "none" (the board drives the pin), "up" (only with inverted = true) or "down".',
        f'name = "tipring-{circuit.revision.lower()}"',
        "gauge = true  # the line's voltage is measured (ADS1115), the threshold set (MCP4725)",
    ]
    for name, net, inverted, pull, debounce, why in INPUTS:
        lines += [
            "",
            f"# {net}, header pin {board_pin(circuit, net)}; {why}",
            f"[inputs.{name}]",
            f"pin = {bcm(net)}",
        ]
        lines += ["inverted = true"] if inverted else []
        lines += [f'pull = "{pull}"'] if pull != "none" else []
        lines += [f"debounce_s = {debounce:.3f}"] if debounce else []
    lines += ["", "[lamps]"]
    lines += [f"{name} = {bcm(net)}  # {colour}" for name, net, colour in LAMPS]
    lines += ["", "[outputs]"]
    lines += [f"{name} = {bcm(net)}  # {why}" for name, net, why in OUTPUTS]
    return "\n".join(lines) + "\n"


def netlist(circuit: Circuit) -> str:
    """A netlist in KiCad's own form (s-expressions, version E), in a fixed order."""

    def quoted(text: str) -> str:
        return '"' + text.replace('"', "'") + '"'

    lines = [
        "(export (version E)",
        f"  (design (source {quoted(circuit.title)}) (tool {quoted('tipring hardware.circuit')}))",
        "  (components",
    ]
    for part in circuit:
        lines += [
            f"    (comp (ref {quoted(part.ref)})",
            f"      (value {quoted(part.value)})",
            f"      (footprint {quoted(part.footprint)})",
            f"      (fields (field (name {quoted('MPN')}) {quoted(part.mpn)})"
            f" (field (name {quoted('Sheet')}) {quoted(part.sheet)})))",
        ]
    lines += ["  )", "  (nets"]
    for code, (net, pins) in enumerate(circuit.nets().items(), 1):
        lines.append(f"    (net (code {quoted(str(code))}) (name {quoted(net)})")
        lines += [f"      (node (ref {quoted(ref)}) (pin {quoted(num)}))" for ref, num in pins]
        lines[-1] += ")"
    lines += ["  )", ")"]
    return "\n".join(lines) + "\n"


def _order(ref: str) -> tuple[str, int]:
    letters = ref.rstrip("0123456789")
    return letters, int(ref[len(letters) :])


def bill(circuit: Circuit) -> str:
    """The bill of materials as CSV, one line for each part number."""
    groups: dict[tuple[str, str, str], list[Part]] = {}
    for part in circuit:
        if part.mpn:
            groups.setdefault((part.maker, part.mpn, part.value), []).append(part)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        [
            "References",
            "Count",
            "Value",
            "Maker",
            "Part number",
            "Second source",
            "Footprint",
            "Tolerance",
            "Note",
        ]
    )
    for (maker, mpn, value), parts in groups.items():
        first = parts[0]
        notes = first.note if {part.note for part in parts} == {first.note} else ""
        tolerance = f"{first.tolerance * 100:g} %" if first.tolerance else ""
        writer.writerow(
            [
                " ".join(sorted((part.ref for part in parts), key=_order)),
                len(parts),
                value,
                maker,
                mpn,
                first.second,
                first.footprint.split(":")[1],
                tolerance,
                notes,
            ]
        )
    return out.getvalue()
