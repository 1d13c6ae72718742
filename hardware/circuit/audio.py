"""Sheet 3, audio: tap amplifier, injection driver, codec.

The driver's gain of 0.55 is what keeps injection below -9 dBm: even a codec output that swings from
rail to rail cannot reach it through these resistors. No diode limits, so nothing distorts first.
"""

from __future__ import annotations

from hardware.circuit.library import CODEC, CRYSTAL, DIODES_SERIES, DUAL_MOSFET, DUAL_OPAMP
from hardware.circuit.model import Circuit
from hardware.circuit.stock import capacitor, resistor


def add(circuit: Circuit) -> None:
    """From the transformer to I2S and back."""
    circuit.sheet = "audio"
    _tap(circuit)
    _injection(circuit)
    _codec(circuit)


def _tap(circuit: Circuit) -> None:
    circuit.add(
        "D4",
        DIODES_SERIES,
        "BAV99",
        "Package_TO_SOT_SMD:SOT-23",
        pins={"A": "GND", "K": "GND", "M": "TX"},
        maker="Nexperia",
        mpn="BAV99,215",
        second="onsemi BAV99LT1G",
        ratings={"volts": 70.0, "amps_surge": 1.0},
        note="both ways to ground: 0.7 V",
    )
    circuit.add(
        "U6",
        DUAL_OPAMP,
        "TLV9062",
        "Package_SO:SOIC-8_3.9x4.9mm_P1.27mm",
        pins={
            "INA+": "PRE_IN",
            "INA-": "PRE_FB",
            "OUTA": "PRE_OUT",
            "INB+": "VREF_A",
            "INB-": "INJ_FB",
            "OUTB": "INJ_OUT",
            "V+": "3V3A",
            "V-": "GND",
        },
        maker="Texas Instruments",
        mpn="TLV9062IDR",
        second="Microchip MCP6022-I/SN",
        ratings={"offset": 0.002},
    )
    capacitor(circuit, "C12", "1u", "TX", "PRE_IN")
    resistor(circuit, "R47", "10k", "VREF", "VREF_A")
    capacitor(circuit, "C32", "10u", "VREF_A", "GND", "keeps hum on both wires out of the audio")
    resistor(circuit, "R32", "100k", "PRE_IN", "VREF_A")
    resistor(circuit, "R33", "24k", "PRE_FB", "PRE_OUT")
    capacitor(circuit, "C13", "330p", "PRE_FB", "PRE_OUT")
    resistor(circuit, "R34", "1k", "PRE_FB", "PRE_G")
    capacitor(circuit, "C14", "10u", "PRE_G", "GAIN", "keeps direct current at a gain of 1")
    resistor(circuit, "R49", "100k", "LED_K", "3V3A", note="gain 25 while nothing is injected")
    capacitor(circuit, "C15", "1u", "PRE_OUT", "LINE_IN")
    capacitor(circuit, "C16", "100n", "3V3A")


def _injection(circuit: Circuit) -> None:
    capacitor(circuit, "C17", "10u", "DAC_AUDIO", "INJ_IN")
    resistor(circuit, "R35", "22k", "INJ_IN", "INJ_FB")
    resistor(circuit, "R36", "12k", "INJ_FB", "INJ_OUT")
    capacitor(circuit, "C18", "10u", "INJ_OUT", "INJ_AC")
    resistor(circuit, "R37", "560R", "INJ_AC", "TX", note="also ends the transformer")
    resistor(circuit, "R38", "470R", "5V", "LED5V", note="5 mA for U1")
    circuit.add(
        "Q1",
        DUAL_MOSFET,
        "BSS138DW",
        "Package_TO_SOT_SMD:SOT-363_SC-70-6",
        pins={
            "S1": "GND", "G1": "INJECT", "D1": "LED_K",
            "S2": "GND", "G2": "LED_K", "D2": "GAIN",
        },
        maker="Diodes Incorporated",
        mpn="BSS138DW-7-F",
        second="Nexperia BSS138PS,115",
        ratings={"volts": 50.0},
        note="2: off while injecting: gain 1, not 25, so that the box hears itself undistorted",
    )  # fmt: skip
    resistor(circuit, "R39", "10k", "INJECT", "GND", note="off unless driven")


def _codec(circuit: Circuit) -> None:
    circuit.add(
        "U7",
        CODEC,
        "WM8731",
        "tipring:SSOP_TSSOP-28",
        pins={
            "DBVDD": "3V3A",
            "CLKOUT": "NC",
            "BCLK": "I2S_CLK",
            "DACDAT": "I2S_OUT",
            "DACLRC": "I2S_FS",
            "ADCDAT": "I2S_IN",
            "ADCLRC": "NC",
            "HPVDD": "3V3A",
            "LHPOUT": "NC",
            "RHPOUT": "NC",
            "HPGND": "GND",
            "LOUT": "DAC_AUDIO",
            "ROUT": "NC",
            "AVDD": "3V3A",
            "AGND": "GND",
            "VMID": "VMID",
            "MICBIAS": "NC",
            "MICIN": "NC",
            "RLINEIN": "LINE_IN",
            "LLINEIN": "LINE_IN",
            "MODE": "GND",
            "CSB": "GND",
            "SDIN": "SDA",
            "SCLK": "SCL",
            "XTI": "XTI",
            "XTO": "XTO",
            "DCVDD": "3V3A",
            "DGND": "GND",
        },
        maker="Cirrus Logic",
        mpn="WM8731SEDS/V",
        second="Texas Instruments TLV320AIC23BPW (TSSOP, same pads)",
        note="0x1a; gives the clocks (I2S provider)",
    )
    circuit.add(
        "X1",
        CRYSTAL,
        "12 MHz",
        "Crystal:Crystal_SMD_5032-2Pin_5.0x3.2mm",
        pins={"1": "XTI", "2": "XTO"},
        maker="Abracon",
        mpn="ABM3-12.000MHZ-D2Y-T",
        second="any 5032 two-pad crystal, 12 MHz, 18 pF",
    )
    capacitor(circuit, "C19", "22p", "XTI")
    capacitor(circuit, "C20", "22p", "XTO")
    capacitor(circuit, "C21", "10u", "VMID")
    capacitor(circuit, "C22", "100n", "VMID")
    capacitor(circuit, "C23", "100n", "3V3A")
    capacitor(circuit, "C24", "100n", "3V3A")
    capacitor(circuit, "C25", "100n", "3V3A")
    capacitor(circuit, "C26", "100n", "3V3A")
