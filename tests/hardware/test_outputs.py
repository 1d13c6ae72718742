"""Committed files are what their sources give; drawings show the netlist."""

from pathlib import Path

import schemdraw.elements as elm

from hardware.circuit.hat import hat
from hardware.drawing.sheet import Sheet
from hardware.eeprom.image import EepromError, image, settings
from hardware.outputs import SETTINGS, stale
from hardware.overlay.check import faults as overlay_faults


def test_the_committed_files_and_sheets_are_what_the_schematic_gives(tmp_path: Path) -> None:
    assert stale(hat(), tmp_path) == []


def test_a_wire_that_joins_two_nets_is_found_in_the_drawing() -> None:
    sheet = Sheet(hat(), "test")
    sheet.two("R9", elm.Resistor, (0, 0), "right")
    sheet.two("R10", elm.Resistor, (2, 0), "right")
    sheet.finish()
    assert any("touch, and are ['SENSE_N', 'TRIM']" in fault for fault in sheet.faults())


def test_a_wrong_flag_is_found_in_the_drawing() -> None:
    sheet = Sheet(hat(), "test")
    sheet.two("R9", elm.Resistor, (0, 0), "right")
    sheet.flag((0, 0), "VREF", "left")
    sheet.finish()
    assert any("R9.1 is flagged" in fault for fault in sheet.faults())


def test_the_overlay_compiles_and_agrees_with_the_schematic(tmp_path: Path) -> None:
    assert overlay_faults(hat(), tmp_path) == []


def read_back(content: bytes) -> dict[str, object]:
    """A reader of its own, from the format's description: bit by bit, by hand."""
    assert content[:4] == b"R-Pi"
    version, count = content[4], int.from_bytes(content[6:8], "little")
    assert int.from_bytes(content[8:12], "little") == len(content)
    found: dict[str, object] = {"version": version}
    at = 12
    for index in range(count):
        kind = int.from_bytes(content[at : at + 2], "little")
        assert int.from_bytes(content[at + 2 : at + 4], "little") == index
        size = int.from_bytes(content[at + 4 : at + 8], "little")
        data, check = content[at + 8 : at + 6 + size], content[at + 6 + size : at + 8 + size]
        register = 0
        for bit in (
            byte >> place & 1 for byte in content[at : at + 6 + size] for place in range(8)
        ):
            register = (register >> 1) ^ (0xA001 if (register & 1) ^ bit else 0)
        assert register == int.from_bytes(check, "little")
        if kind == 1:
            found["uuid"] = data[15::-1].hex()
            found["id"], found["ver"] = data[16:18], data[18:20]
            names = data[22:]
            found["vendor"], found["product"] = names[: data[20]], names[data[20] :]
            assert len(names) == data[20] + data[21]
        elif kind == 3:
            found["overlay"] = data
        at += 8 + size
    assert at == len(content)
    return found


def test_the_eeprom_image_reads_back_as_its_settings() -> None:
    text = SETTINGS.read_text()
    wanted = settings(text)
    found = read_back(image(text))
    assert found == {
        "version": 2,
        "uuid": wanted["product_uuid"].replace("-", ""),
        "id": int(wanted["product_id"], 16).to_bytes(2, "little"),
        "ver": b"\x01\x00",
        "vendor": b"Tipring",
        "product": b"Tipring line HAT",
        "overlay": b"tipring-hat",
    }


def test_settings_that_lack_a_line_are_said_so() -> None:
    text = SETTINGS.read_text().replace("product_ver", "# product_ver")
    try:
        image(text)
    except EepromError as error:
        assert "product_ver is missing" in str(error)
    else:
        raise AssertionError("an image was made of half its settings")
