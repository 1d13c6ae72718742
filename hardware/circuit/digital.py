"""Sheet 4, the Pi: header, supply, lamps, button, ID EEPROM.

SIGNALS is the one table of what each GPIO pin does; the profile of the firmware, the overlay's
check and the assembly guide are made from the nets that it names.
"""

from __future__ import annotations

from hardware.circuit.library import BUTTON, FERRITE, HEADER, JUMPER, LAMP, MEMORY
from hardware.circuit.model import Circuit
from hardware.circuit.stock import capacitor, resistor

# BCM pin -> net
SIGNALS = {
    "BCM0": "ID_SD",
    "BCM1": "ID_SC",
    "BCM2": "SDA",
    "BCM3": "SCL",
    "BCM5": "LINE_OK",
    "BCM12": "LAMP_FAULT",
    "BCM16": "INJECT",
    "BCM17": "OFFHOOK",
    "BCM18": "I2S_CLK",
    "BCM19": "I2S_FS",
    "BCM20": "I2S_IN",
    "BCM21": "I2S_OUT",
    "BCM22": "RING_N",
    "BCM23": "LAMP_OK",
    "BCM24": "LAMP_REC",
    "BCM25": "POLARITY",
    "BCM27": "FLAG_N",
}


def add(circuit: Circuit) -> None:
    """What joins the board to the Pi and to a person."""
    circuit.sheet = "pi"
    pins = {name: SIGNALS.get(name, "NC") for name, _ in HEADER.pins.values()}
    pins |= {"3V3": "3V3", "5V": "5V", "GND": "GND"}
    circuit.add(
        "J3",
        HEADER,
        "2x20 socket",
        "Connector_PinHeader_2.54mm:PinHeader_2x20_P2.54mm_Vertical",
        pins=pins,
        maker="Samtec",
        mpn="SSQ-120-03-T-D",
        second="any 2x20 stacking socket, 8.5 mm and more",
        note="soldered from the top, mounted under the board",
    )
    circuit.add(
        "FB1",
        FERRITE,
        "600R",
        "Inductor_SMD:L_0603_1608Metric",
        pins={"1": "3V3", "2": "3V3A"},
        maker="Murata",
        mpn="BLM18AG601SN1D",
        second="TDK MMZ1608R601A",
    )
    capacitor(circuit, "C27", "10u", "3V3A")
    capacitor(circuit, "C28", "10u", "3V3")
    for ref, series, colour, net, mpn in (
        ("D5", "R40", "green", "LAMP_OK", "150060GS75000"),
        ("D6", "R41", "red", "LAMP_REC", "150060RS75000"),
        ("D7", "R42", "yellow", "LAMP_FAULT", "150060YS75000"),
    ):
        circuit.add(
            ref,
            LAMP,
            colour,
            "LED_SMD:LED_0603_1608Metric",
            pins={"A": f"{net}_A", "K": "GND"},
            maker="Wuerth",
            mpn=mpn,
            second=f"Kingbright KPT-1608 ({colour})",
        )
        resistor(circuit, series, "1k", net, f"{net}_A")
    circuit.add(
        "SW1",
        BUTTON,
        "flag",
        "Button_Switch_SMD:SW_SPST_TL3342",
        pins={"A": "FLAG_SW", "B": "GND"},
        maker="E-Switch",
        mpn="TL3342F160QG",
        second="any 5.2 mm SMD key with these pads",
    )
    resistor(circuit, "R43", "1k", "FLAG_N", "FLAG_SW", note="against static")
    circuit.add(
        "U8",
        MEMORY,
        "24C32",
        "Package_SO:SOIC-8_3.9x4.9mm_P1.27mm",
        pins={
            "A0": "GND",
            "A1": "GND",
            "A2": "GND",
            "VSS": "GND",
            "SDA": "ID_SD",
            "SCL": "ID_SC",
            "WP": "WP",
            "VCC": "3V3A",
        },
        maker="Microchip",
        mpn="24LC32A-I/SN",
        second="onsemi CAT24C32WI-GT3",
        note="0x50, the board's identity",
    )
    resistor(circuit, "R44", "3k9", "ID_SD", "3V3A")
    resistor(circuit, "R45", "3k9", "ID_SC", "3V3A")
    resistor(circuit, "R46", "10k", "WP", "3V3A", note="protected unless JP1 is closed")
    circuit.add(
        "JP1",
        JUMPER,
        "write",
        "Jumper:SolderJumper-2_P1.3mm_Open_RoundedPad1.0x1.5mm",
        pins={"A": "WP", "B": "GND"},
        maker="",
        mpn="",
        note="two pads on the board, no part",
    )
    capacitor(circuit, "C29", "100n", "3V3A")
