"""Resistors and capacitors of the drawer: part numbers follow from value, size and tolerance."""

from __future__ import annotations

from hardware.circuit.library import CAPACITOR, RESISTOR
from hardware.circuit.model import Circuit, Part

R0603 = "Resistor_SMD:R_0603_1608Metric"
R1206 = "Resistor_SMD:R_1206_3216Metric"
C0603 = "Capacitor_SMD:C_0603_1608Metric"
C0805 = "Capacitor_SMD:C_0805_2012Metric"

# value -> footprint, maker, part number, second source, tolerance, volts
CAPACITORS = {
    "22p": (C0603, "Samsung", "CL10C220JB8NNNC", "Yageo CC0603JRNPO9BN220", 0.05, 50.0),
    "330p": (C0603, "Samsung", "CL10C331JB8NNNC", "Yageo CC0603JRNPO9BN331", 0.05, 50.0),
    "470p": (C0603, "Samsung", "CL10C471JB8NNNC", "Yageo CC0603JRNPO9BN471", 0.05, 50.0),
    "100n": (C0603, "Samsung", "CL10B104KB8NNNC", "Yageo CC0603KRX7R9BB104", 0.10, 50.0),
    "220n": (C0603, "Samsung", "CL10B224KO8NNNC", "Yageo CC0603KRX7R7BB224", 0.10, 16.0),
    "1u": (C0603, "Samsung", "CL10B105KO8NNNC", "Murata GRM188R71C105KA12D", 0.10, 16.0),
    "10u": (C0805, "Samsung", "CL21A106KAYNNNE", "Murata GRM21BR61E106KA73L", 0.20, 25.0),
}


def _code(value: str, letter_r: str = "R") -> str:
    """4k75 -> 4K75, 68R -> 68R, 187k -> 187K: the makers' way to write a value."""
    for unit in ("R", "k", "M"):
        if unit in value:
            whole, _, rest = value.partition(unit)
            return f"{whole}{unit.upper() if unit != 'R' else letter_r}{rest}"
    raise ValueError(value)


def resistor(
    circuit: Circuit, ref: str, value: str, one: str, two: str, size: str = "0603", **rest: object
) -> Part:
    """A thick-film resistor of 1 %, or a thin-film one of 0.1 % (`precise`)."""
    precise = bool(rest.pop("precise", False))
    footprint = {"0603": R0603, "1206": R1206}[size]
    volts = {"0603": 75.0, "1206": 200.0}[size]
    if precise:
        mpn = f"RT{size}BRD07{_code(value)}L"
        second = f"Panasonic ERA-3AEB (0.1 %, {value}); Susumu RG1608P (0.1 %, {value})"
        tolerance = 0.001
    else:
        mpn = f"RC{size}FR-07{_code(value)}L"
        second = f"Vishay CRCW{size}{_vishay(value)}FKEA"
        tolerance = 0.01
    return circuit.add(
        ref,
        RESISTOR,
        value,
        footprint,
        pins={"1": one, "2": two},
        maker="Yageo",
        mpn=mpn,
        second=second,
        tolerance=tolerance,
        ratings={"volts": volts},
        **rest,
    )


def _vishay(value: str) -> str:
    """Four characters: 15k -> 15K0, 470R -> 470R, 187k -> 187K, 4k75 -> 4K75."""
    code = _code(value)
    if len(code) < 4:
        code = (code + "000")[:4]
    return code


def capacitor(
    circuit: Circuit, ref: str, value: str, one: str, two: str = "GND", note: str = ""
) -> Part:
    """A ceramic capacitor: C0G up to 470 pF, X7R up to 1 uF, X5R above."""
    footprint, maker, mpn, second, tolerance, volts = CAPACITORS[value]
    return circuit.add(
        ref,
        CAPACITOR,
        value,
        footprint,
        pins={"1": one, "2": two},
        maker=maker,
        mpn=mpn,
        second=second,
        tolerance=tolerance,
        ratings={"volts": volts},
        note=note,
    )
