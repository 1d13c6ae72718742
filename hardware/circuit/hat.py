"""The whole board."""

from __future__ import annotations

from hardware.circuit import audio, digital, line_side, sense
from hardware.circuit.model import Circuit


def hat() -> Circuit:
    """The Tipring HAT, revision A."""
    circuit = Circuit("Tipring line-interface HAT", "A")
    for sheet in (line_side, sense, audio, digital):
        sheet.add(circuit)
    return circuit
