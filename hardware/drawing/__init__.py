"""The schematic as pictures, drawn from the circuit and proven to show it."""
