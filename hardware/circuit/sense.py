"""Sheet 2, sensing: the line's voltage as a number and as four comparator outputs.

SENSE = VREF + V / 70.7. ABS is the greater of SENSE and its mirror; HOOKF is ABS through 5 ms for
the comparators, MEAN is ABS through 33 ms for the converter. Off-hook is judged against TH, which a
DAC sets from the learned idle voltage; a DAC fresh from the factory (half scale) gives 27 V.

A slower HOOKF would keep ringing out by itself, but then the breaks of a rotary dial come out up to
30 ms too long or too short (simulated); so HOOKF is quick and the firmware waits before it believes
an off-hook.
"""

from __future__ import annotations

from hardware.circuit.library import (
    ADC,
    DAC,
    DIODES_COMMON_CATHODE,
    QUAD_COMPARATOR,
    QUAD_OPAMP,
    SCHOTTKY,
    TRIMMER,
)
from hardware.circuit.model import Circuit
from hardware.circuit.stock import capacitor, resistor


def add(circuit: Circuit) -> None:
    """Difference amplifier, rectifier, references, comparators, converters."""
    circuit.sheet = "sense"
    _amplifiers(circuit)
    _references(circuit)
    _comparators(circuit)
    _converters(circuit)


def _amplifiers(circuit: Circuit) -> None:
    circuit.add(
        "U2",
        QUAD_OPAMP,
        "TLV9004",
        "Package_SO:SOIC-14_3.9x8.7mm_P1.27mm",
        pins={
            "INA+": "SENSE_P",
            "INA-": "SENSE_N",
            "OUTA": "SENSE",
            "INB+": "VREF",
            "INB-": "MIRROR_IN",
            "OUTB": "MIRROR",
            "INC+": "SENSE",
            "INC-": "ABS",
            "OUTC": "RECT_P",
            "IND+": "MIRROR",
            "IND-": "ABS",
            "OUTD": "RECT_N",
            "V+": "3V3A",
            "V-": "GND",
        },
        maker="Texas Instruments",
        mpn="TLV9004IDR",
        second="Microchip MCP6024-I/SL",
        ratings={"offset": 0.002},
    )
    resistor(circuit, "R9", "127k", "SENSE_P", "TRIM", precise=True)
    circuit.add(
        "RV1",
        TRIMMER,
        "10k",
        "Potentiometer_SMD:Potentiometer_Bourns_3224W_Vertical",
        pins={"A": "TRIM", "W": "VREF", "B": "VREF"},
        maker="Bourns",
        mpn="3224W-1-103E",
        second="Vishay TS63Y103KR10",
        note="set once: both wires on 5 V must read 0 (build guide, step 6)",
    )
    resistor(circuit, "R10", "133k", "SENSE_N", "SENSE", precise=True)
    capacitor(circuit, "C3", "470p", "SENSE_P", "VREF", "C0G")
    capacitor(circuit, "C4", "470p", "SENSE_N", "SENSE", "C0G")
    resistor(circuit, "R11", "100k", "SENSE", "MIRROR_IN")
    resistor(circuit, "R12", "100k", "MIRROR_IN", "MIRROR")
    circuit.add(
        "D2",
        DIODES_COMMON_CATHODE,
        "BAV70",
        "Package_TO_SOT_SMD:SOT-23",
        pins={"A1": "RECT_P", "A2": "RECT_N", "K": "ABS"},
        maker="Nexperia",
        mpn="BAV70,215",
        second="onsemi BAV70LT1G",
        ratings={"volts": 70.0},
    )
    resistor(circuit, "R13", "47k", "ABS", "GND")
    resistor(circuit, "R14", "4k7", "ABS", "HOOKF")
    capacitor(circuit, "C5", "1u", "HOOKF", "GND", "X7R: with R14 the 5 ms")
    resistor(circuit, "R48", "33k", "ABS", "MEAN")
    capacitor(circuit, "C33", "1u", "MEAN", "GND", "X7R: with R48 the 33 ms")


def _references(circuit: Circuit) -> None:
    resistor(circuit, "R15", "4k75", "3V3A", "OK_REF")
    resistor(circuit, "R16", "56R", "OK_REF", "VREF")
    resistor(circuit, "R17", "4k32", "VREF", "GND")
    capacitor(circuit, "C6", "10u", "VREF")
    resistor(circuit, "R18", "10k", "DAC_OUT", "TH")
    resistor(circuit, "R19", "33k", "3V3A", "TH")
    resistor(circuit, "R20", "1M", "OFFHOOK", "TH", note="hysteresis")
    capacitor(circuit, "C7", "220n", "SENSE", "RING_AC")
    resistor(circuit, "R21", "100k", "RING_AC", "VREF")
    resistor(circuit, "R22", "30k", "3V3A", "RING_TH")
    resistor(circuit, "R23", "6k8", "RING_TH", "VREF")
    resistor(circuit, "R24", "47k", "RING_N", "RING_TH", note="hysteresis")
    resistor(circuit, "R25", "10k", "SENSE", "POL_IN")
    resistor(circuit, "R26", "470k", "POLARITY", "POL_IN", note="hysteresis")
    resistor(circuit, "R27", "10M", "LINE_OK", "HOOKF", note="hysteresis")


def _comparators(circuit: Circuit) -> None:
    circuit.add(
        "U3",
        QUAD_COMPARATOR,
        "TLC339",
        "Package_SO:SOIC-14_3.9x8.7mm_P1.27mm",
        pins={
            "IN1+": "TH",
            "IN1-": "HOOKF",
            "OUT1": "OFFHOOK",
            "IN2+": "HOOKF",
            "IN2-": "OK_REF",
            "OUT2": "LINE_OK",
            "IN3+": "RING_TH",
            "IN3-": "RING_AC",
            "OUT3": "RING_N",
            "IN4+": "POL_IN",
            "IN4-": "VREF",
            "OUT4": "POLARITY",
            "V+": "3V3A",
            "V-": "GND",
        },
        maker="Texas Instruments",
        mpn="TLC339IDR",
        second="Texas Instruments LM339LVDR (CMOS; not the bipolar LM339: its input current)",
        ratings={"offset": 0.005},
    )
    for ref, net in (
        ("R28", "OFFHOOK"),
        ("R29", "LINE_OK"),
        ("R30", "RING_N"),
        ("R31", "POLARITY"),
    ):
        resistor(circuit, ref, "10k", net, "3V3A", note="pull-up")
    circuit.add(
        "D3",
        SCHOTTKY,
        "BAT54",
        "Package_TO_SOT_SMD:SOT-23",
        pins={"A": "OFFHOOK", "K": "LINE_OK", "NC": "NC"},
        maker="Nexperia",
        mpn="BAT54,215",
        second="onsemi BAT54LT1G",
        ratings={"volts": 30.0},
        note="a line that is cut is not off-hook",
    )
    capacitor(circuit, "C8", "100n", "3V3A")


def _converters(circuit: Circuit) -> None:
    circuit.add(
        "U4",
        ADC,
        "ADS1115",
        "Package_SO:MSOP-10_3x3mm_P0.5mm",
        pins={
            "ADDR": "GND",
            "ALERT": "NC",
            "GND": "GND",
            "AIN0": "MEAN",
            "AIN1": "SENSE",
            "AIN2": "TH",
            "AIN3": "VREF",
            "VDD": "3V3A",
            "SDA": "SDA",
            "SCL": "SCL",
        },
        maker="Texas Instruments",
        mpn="ADS1115IDGSR",
        second="Texas Instruments ADS1015IDGSR (12 bit: 0.1 V steps of the line)",
        note="0x48",
    )
    circuit.add(
        "U5",
        DAC,
        "MCP4725",
        "Package_TO_SOT_SMD:SOT-23-6",
        pins={
            "VOUT": "DAC_OUT",
            "VSS": "GND",
            "VDD": "3V3A",
            "SDA": "SDA",
            "SCL": "SCL",
            "A0": "GND",
        },
        maker="Microchip",
        mpn="MCP4725A0T-E/CH",
        second="none with these pins; left out, R18 to ground gives a fixed threshold",
        note="0x60; keeps its value without power",
    )
    for ref in ("C9", "C10", "C11"):
        capacitor(circuit, ref, "100n", "3V3A")
