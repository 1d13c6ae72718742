"""The kinds of parts on the HAT: pin numbers, names and what each pin does.

Pin numbers are those of the makers' data sheets for the package in the bill of materials. WM8731
and TLV320AIC23B have the same pins but 21 and 22 exchanged; both are tied to ground here.
"""

from __future__ import annotations

from hardware.circuit.model import FREE, INPUT, OPEN, OUTPUT, PASSIVE, POWER, SUPPLY, Kind


def _kind(name: str, **groups: str) -> Kind:
    pins = {}
    for does, text in groups.items():
        for entry in text.split():
            num, pin = entry.split(":")
            pins[num] = (pin, _DOES[does])
    return Kind(name, dict(sorted(pins.items(), key=lambda item: int(item[0]))))


_DOES = {
    "passive": PASSIVE,
    "inputs": INPUT,
    "outputs": OUTPUT,
    "open_drain": OPEN,
    "power": POWER,
    "supply": SUPPLY,
    "free": FREE,
}

RESISTOR = _kind("R", passive="1:1 2:2")
CAPACITOR = _kind("C", passive="1:1 2:2")
FERRITE = _kind("FB", passive="1:1 2:2")
THERMISTOR = _kind("PTC", passive="1:1 2:2")
THYRISTOR = _kind("TVS", passive="1:1 2:2")
TRIMMER = _kind("TRIM", passive="1:A 2:W 3:B")
CRYSTAL = _kind("XTAL", passive="1:1 2:2")
BUTTON = _kind("BUTTON", passive="1:A 2:B")
LAMP = _kind("LED", passive="1:K 2:A")
SCHOTTKY = _kind("SCHOTTKY", passive="1:A 3:K", free="2:NC")
DIODES_COMMON_CATHODE = _kind("DIODES_CK", passive="1:A1 2:A2 3:K")
DIODES_SERIES = _kind("DIODES_SER", passive="1:A 2:K 3:M")
DUAL_MOSFET = _kind("NMOS2", inputs="2:G1 5:G2", passive="1:S1 3:D2 4:S2 6:D1")
TRANSFORMER = _kind("XFMR", passive="1:P1 3:P2 4:S2 6:S1")
PHOTOMOS = _kind("PHOTOMOS2", passive="1:A1 2:K1 3:A2 4:K2 5:D2A 6:D2B 7:D1A 8:D1B")
JACK = _kind("RJ11", passive="2:RING 3:TIP", free="1:NC1 4:NC4")
TERMINAL = _kind("TERMINAL", passive="1:TIP 2:RING")
JUMPER = _kind("JUMPER", passive="1:A 2:B")
QUAD_OPAMP = _kind(
    "OPAMP4",
    outputs="1:OUTA 7:OUTB 8:OUTC 14:OUTD",
    inputs="2:INA- 3:INA+ 5:INB+ 6:INB- 9:INC- 10:INC+ 12:IND+ 13:IND-",
    power="4:V+ 11:V-",
)
DUAL_OPAMP = _kind(
    "OPAMP2", outputs="1:OUTA 7:OUTB", inputs="2:INA- 3:INA+ 5:INB+ 6:INB-", power="4:V- 8:V+"
)
QUAD_COMPARATOR = _kind(
    "COMP4",
    open_drain="1:OUT2 2:OUT1 13:OUT4 14:OUT3",
    inputs="4:IN1- 5:IN1+ 6:IN2- 7:IN2+ 8:IN3- 9:IN3+ 10:IN4- 11:IN4+",
    power="3:V+ 12:V-",
)
ADC = _kind(
    "ADS1115",
    inputs="1:ADDR 4:AIN0 5:AIN1 6:AIN2 7:AIN3 10:SCL",
    open_drain="2:ALERT 9:SDA",
    power="3:GND 8:VDD",
)
DAC = _kind(
    "MCP4725", outputs="1:VOUT", power="2:VSS 3:VDD", open_drain="4:SDA", inputs="5:SCL 6:A0"
)
MEMORY = _kind("24C32", inputs="1:A0 2:A1 3:A2 6:SCL 7:WP", power="4:VSS 8:VCC", open_drain="5:SDA")
CODEC = _kind(
    "WM8731",
    power="1:DBVDD 8:HPVDD 11:HPGND 14:AVDD 15:AGND 27:DCVDD 28:DGND",
    outputs="2:CLKOUT 3:BCLK 5:DACLRC 6:ADCDAT 7:ADCLRC 9:LHPOUT 10:RHPOUT 12:LOUT 13:ROUT "
    "17:MICBIAS 26:XTO",
    inputs="4:DACDAT 18:MICIN 19:RLINEIN 20:LLINEIN 21:MODE 22:CSB 24:SCLK 25:XTI",
    open_drain="23:SDIN",
    passive="16:VMID",
)


def _header() -> Kind:
    """The 40-pin header of the Raspberry Pi: board pin -> BCM name."""
    text = (
        "3V3 5V BCM2 5V BCM3 GND BCM4 BCM14 GND BCM15 BCM17 BCM18 BCM27 GND BCM22 BCM23 3V3 BCM24 "
        "BCM10 GND BCM9 BCM25 BCM11 BCM8 GND BCM7 BCM0 BCM1 BCM5 GND BCM6 BCM12 BCM13 GND BCM19 "
        "BCM16 BCM26 BCM20 GND BCM21"
    )
    pins = {}
    for place, name in enumerate(text.split(), 1):
        does = SUPPLY if name in ("3V3", "5V", "GND") else PASSIVE
        pins[str(place)] = (name, does)
    return Kind("PI40", pins)


HEADER = _header()
