"""The schematic: electrical rules, the barrier, and what is made from it."""

import csv
import io
import tomllib

import pytest

from firmware.line.gauge import VOLTS_PER_VOLT
from firmware.line.profile import HatProfile
from hardware.circuit import exports
from hardware.circuit.digital import SIGNALS
from hardware.circuit.hat import hat
from hardware.circuit.library import RESISTOR
from hardware.circuit.model import Circuit, CircuitError, number
from hardware.circuit.rules import barrier_faults, faults
from hardware.circuit.stock import resistor
from hardware.outputs import PROFILE


def test_the_board_breaks_no_electrical_rule() -> None:
    assert faults(hat()) == []


def test_a_part_that_bridges_the_barrier_is_found() -> None:
    circuit = hat()
    resistor(circuit, "R99", "1k", "TIP", "GND")
    assert barrier_faults(circuit) == ["R99 joins the line (['TIP']) to the Pi (['GND'])"]


@pytest.mark.parametrize(
    ("one", "two", "said"),
    [
        ("OFFHOOK", "NOWHERE", "net NOWHERE has one pin only: R99.2"),
        ("SENSE", "SENSE", "R99 is shorted: every pin on SENSE"),
    ],
)
def test_a_slip_in_the_netlist_is_found(one: str, two: str, said: str) -> None:
    circuit = hat()
    resistor(circuit, "R99", "1k", one, two)
    assert said in faults(circuit)


def test_an_open_drain_output_without_its_pull_up_is_found() -> None:
    circuit = hat()
    del circuit.parts["R28"]
    assert "net OFFHOOK is open-drain and has no pull-up" in faults(circuit)


def test_two_outputs_on_one_net_are_found() -> None:
    circuit = hat()
    circuit.parts["U2"].nets["7"] = "SENSE"
    assert "net SENSE has 2 outputs against each other" in faults(circuit)


def test_a_pin_that_was_forgotten_stops_the_build() -> None:
    circuit = Circuit("test", "A")
    with pytest.raises(CircuitError, match="R1: pin 2 .* is not connected"):
        circuit.add("R1", RESISTOR, "1k", "x:y", pins={"1": "A"})


@pytest.mark.parametrize(
    ("text", "value"),
    [("4k75", 4750.0), ("330n", 330e-9), ("68R", 68.0), ("4M7", 4.7e6), ("12 MHz", 12e6)],
)
def test_values_are_read_as_the_makers_write_them(text: str, value: float) -> None:
    assert number(text) == pytest.approx(value)


def test_the_firmwares_profile_is_the_schematics() -> None:
    """Generated, not typed twice: the committed file is what the schematic gives."""
    text = exports.profile(hat())
    assert PROFILE.read_text() == text
    profile = HatProfile.default()
    assert profile.name == "tipring-a"
    for name, net, inverted, pull, _, _ in exports.INPUTS:
        entry = profile.inputs[name]
        assert (SIGNALS[f"BCM{entry.pin}"], entry.inverted, entry.pull) == (net, inverted, pull)
    assert {SIGNALS[f"BCM{pin}"] for pin in profile.lamps.values()} == {
        "LAMP_OK", "LAMP_REC", "LAMP_FAULT",
    }  # fmt: skip
    assert tomllib.loads(text)["outputs"] == {"inject": 16}


def test_the_gauge_divides_as_the_board_does() -> None:
    circuit = hat()
    legs = circuit["R1"].amount + circuit["R3"].amount
    assert pytest.approx(legs / circuit["R10"].amount, rel=1e-3) == VOLTS_PER_VOLT


def test_injection_is_off_unless_it_is_driven() -> None:
    """A pin of 9 or more starts as an input with a pull-down; the board pulls it down too."""
    assert exports.bcm("INJECT") >= 9
    pulled = [p for p in hat() if p.kind is RESISTOR and set(p.nets.values()) == {"INJECT", "GND"}]
    assert [part.value for part in pulled] == ["10k"]


def test_every_part_to_be_bought_has_a_maker_a_number_and_a_second_source() -> None:
    rows = list(csv.DictReader(io.StringIO(exports.bill(hat()))))
    assert sum(int(row["Count"]) for row in rows) == len(hat().parts) - 1  # JP1 is two pads
    for row in rows:
        assert row["Maker"] and row["Part number"] and row["Second source"], row


def test_the_i2s_and_i2c_pins_are_those_of_the_raspberry_pi() -> None:
    circuit = hat()
    wanted = {"I2S_CLK": 12, "I2S_FS": 35, "I2S_IN": 38, "I2S_OUT": 40, "SDA": 3, "SCL": 5}
    assert {net: exports.board_pin(circuit, net) for net in wanted} == wanted
    # The Pi's input is the codec's output.
    assert circuit["U7"].net("ADCDAT") == "I2S_IN"
    assert circuit["U7"].net("DACDAT") == "I2S_OUT"
