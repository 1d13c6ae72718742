"""Sheet 1, the line side and the barrier: everything that touches the telephone line.

Nothing here seizes the line: no direct current flows but through the sensing resistors. No earth
is used: a surge between the wires is clamped by the thyristor, one on both wires against the Pi
meets the barrier and stops there.
"""

from __future__ import annotations

from hardware.circuit.library import (
    CAPACITOR,
    JACK,
    PHOTOMOS,
    RESISTOR,
    TERMINAL,
    THERMISTOR,
    THYRISTOR,
    TRANSFORMER,
)
from hardware.circuit.model import Circuit
from hardware.circuit.stock import resistor

VR37 = "Resistor_THT:R_Axial_DIN0309_L9.0mm_D3.2mm_P15.24mm_Horizontal"
VR37_UPRIGHT = "Resistor_THT:R_Axial_DIN0309_L9.0mm_D3.2mm_P5.08mm_Vertical"
FILM = "Capacitor_THT:C_Rect_L13.0mm_W6.0mm_P10.00mm_FKS3_FKP3_MKS4"
C1206 = "Capacitor_SMD:C_1206_3216Metric"
# The only kinds of parts that may join the line side to the Pi's side, with what they withstand.
BARRIER_PARTS = ("T1", "U1", "R3", "R4")
LINE_NETS = (
    "TIP",
    "RING",
    "TIP_P",
    "RING_P",
    "HV_T",
    "HV_R",
    "TAP_T",
    "TAP_R",
    "INJ_T",
    "INJ_R",
    "T1_T",
    "T1_R",
)


def add(circuit: Circuit) -> None:
    """Sockets, protection, sensing resistors, tap, injection switch, transformer."""
    circuit.sheet = "line"
    circuit.add(
        "J1",
        JACK,
        "RJ11",
        "Connector_RJ:RJ14_Connfly_DS1133-S4_Horizontal",
        pins={"TIP": "TIP", "RING": "RING", "NC1": "NC", "NC4": "NC"},
        maker="Connfly",
        mpn="DS1133-S40BPX",
        second="any 6P4C horizontal socket with this hole pattern",
        note="the line; the middle two contacts",
    )
    circuit.add(
        "J2",
        TERMINAL,
        "2-pole 5.08 mm",
        "TerminalBlock_Phoenix:TerminalBlock_Phoenix_MKDS-1,5-2-5.08_1x02_P5.08mm_Horizontal",
        pins={"TIP": "TIP", "RING": "RING"},
        maker="Phoenix Contact",
        mpn="1715721",
        second="Wuerth 691213510002",
        note="the same line, for bare wires or a telephone behind the box",
    )
    for ref, wire in (("RT1", "TIP"), ("RT2", "RING")):
        circuit.add(
            ref,
            THERMISTOR,
            "TRF250-120",
            "tipring:PTC_TRF250",
            pins={"1": wire, "2": f"{wire}_P"},
            maker="Littelfuse",
            mpn="TRF250-120",
            second="Bourns MF-R012/250",
            ratings={"volts_surge": 1500.0, "ohms_min": 4.0, "ohms_max": 16.0},
            note="resettable fuse against power crossing",
        )
    circuit.add(
        "D1",
        THYRISTOR,
        "P3100SC",
        "Diode_SMD:D_SMB",
        pins={"1": "TIP_P", "2": "RING_P"},
        maker="Littelfuse",
        mpn="P3100SCLRP",
        second="Bourns TISP4350H3BJR-S",
        ratings={
            "volts_standoff": 275.0,
            "volts_breakover": 350.0,
            "amps_8_20": 400.0,
            "amps_10_700": 200.0,
        },
        note="across the wires only; never fires at 90 V ringing on 60 V",
    )
    for one, two, wire, middle, sense in (
        ("R1", "R3", "TIP_P", "HV_T", "SENSE_P"),
        ("R2", "R4", "RING_P", "HV_R", "SENSE_N"),
    ):
        for ref, a, b in ((one, wire, middle), (two, middle, sense)):
            circuit.add(
                ref,
                RESISTOR,
                "4M7",
                VR37 if ref in BARRIER_PARTS else VR37_UPRIGHT,
                pins={"1": a, "2": b},
                maker="Vishay",
                mpn="VR37000004704FA100",
                second="Vishay VR37000004704JA100 (5 %: check the common-mode row again)",
                tolerance=0.01,
                ratings={"volts": 3500.0, "volts_rms": 2500.0},
                note="metal glaze, made to bridge insulation (IEC 60065, 14.1 a)",
            )
    for ref, wire, tap in (("C1", "TIP_P", "TAP_T"), ("C2", "RING_P", "TAP_R")):
        circuit.add(
            ref,
            CAPACITOR,
            "330n",
            FILM,
            pins={"1": wire, "2": tap},
            maker="WIMA",
            mpn="MKS4G033303F00KSSD",
            second="Kemet R60 or TDK B32521, 330 nF 400 V, 10 mm",
            tolerance=0.10,
            ratings={"volts": 400.0},
            note="film",
        )
    for ref, tap, winding in (("R5", "TAP_T", "T1_T"), ("R6", "TAP_R", "T1_R")):
        resistor(circuit, ref, "15k", tap, winding, "1206", note="audio tap")
    for ref, tap, winding in (("C30", "TAP_T", "T1_T"), ("C31", "TAP_R", "T1_R")):
        circuit.add(
            ref,
            CAPACITOR,
            "330p",
            C1206,
            pins={"1": tap, "2": winding},
            maker="Yageo",
            mpn="CC1206JKNPOCBN331",
            second="Kemet C1206C331JDGACTU",
            tolerance=0.05,
            ratings={"volts": 1000.0},
            note="C0G; a surge on both wires goes round R5, R6 and U1",
        )
    for ref, tap, joint in (("R7", "TAP_T", "INJ_T"), ("R8", "TAP_R", "INJ_R")):
        resistor(circuit, ref, "560R", tap, joint, "1206", note="injection")
    circuit.add(
        "U1",
        PHOTOMOS,
        "AQW214EH",
        "Package_DIP:DIP-8_W7.62mm",
        pins={
            "A1": "LED5V",
            "K1": "LED_MID",
            "A2": "LED_MID",
            "K2": "LED_K",
            "D1A": "INJ_T",
            "D1B": "T1_T",
            "D2A": "INJ_R",
            "D2B": "T1_R",
        },
        maker="Panasonic",
        mpn="AQW214EH",
        second="Panasonic AQW210EH (350 V)",
        ratings={"volts": 400.0, "isolation_rms": 5000.0, "ohms_max": 35.0, "ohms_min": 15.0},
        note="open when unpowered: injection is off",
    )
    circuit.add(
        "T1",
        TRANSFORMER,
        "P2001",
        "Transformer_THT:Transformer_NF_ETAL_1-1_P1200",
        pins={"P1": "T1_T", "P2": "T1_R", "S1": "TX", "S2": "GND"},
        maker="ETAL",
        mpn="P2001",
        second="ETAL P1200, P3126 (same pins)",
        ratings={"isolation_rms": 3880.0, "isolation_dc": 5500.0},
        note="600:600, no direct current",
    )
