"""The gauge over made-up IIO files; a stand-in for the board answers as its resistors would."""

from pathlib import Path

import pytest

from firmware.line.gauge import VOLTS_PER_VOLT, GaugeError, LineGauge

ADC_MV = 0.125  # of each step at +-4.096 V
DAC_MV = 3300 / 4096


class Board:
    """The files of an ADS1115 and an MCP4725; `settle` moves the threshold with the DAC."""

    def __init__(self, root: Path) -> None:
        self.adc, self.dac = root / "iio:device1", root / "iio:device0"
        for folder, name in ((self.adc, "ads1115"), (self.dac, "mcp4725")):
            folder.mkdir()
            (folder / "name").write_text(f"{name}\n")
        for channel in range(4):
            (self.adc / f"in_voltage{channel}_scale").write_text(f"{ADC_MV}\n")
        (self.dac / "out_voltage_scale").write_text(f"{DAC_MV}\n")
        (self.dac / "out_voltage0_raw").write_text("2048\n")
        self.show(3, 1.65)
        self.show(0, 1.65 + 48.0 / VOLTS_PER_VOLT)
        self.show(1, 1.65 - 48.0 / VOLTS_PER_VOLT)
        self.settle()

    def show(self, channel: int, volts: float) -> None:
        (self.adc / f"in_voltage{channel}_raw").write_text(f"{round(volts * 1000 / ADC_MV)}\n")

    def settle(self) -> None:
        out = int((self.dac / "out_voltage0_raw").read_text()) * DAC_MV / 1000
        self.show(2, (out * 33 + 3.3 * 10) / 43)


class Trimmed(LineGauge):
    """A gauge whose board answers at once."""

    board: Board

    def _threshold(self) -> float:
        self.board.settle()
        return super()._threshold()


def test_the_lines_voltage_is_read_with_and_without_its_sign(tmp_path: Path) -> None:
    Board(tmp_path)
    gauge = LineGauge(tmp_path)
    assert gauge.volts() == pytest.approx(48.0, abs=0.02)
    assert gauge.signed_volts() == pytest.approx(-48.0, abs=0.02)


@pytest.mark.parametrize("wanted", [13.2, 26.4, 33.0, 39.0])
def test_the_threshold_is_trimmed_until_it_reads_back(tmp_path: Path, wanted: float) -> None:
    board = Board(tmp_path)
    gauge = Trimmed(tmp_path)
    gauge.board = board
    assert gauge.set_threshold(wanted) == pytest.approx(wanted, abs=0.3)


def test_the_threshold_is_kept_for_the_next_start(tmp_path: Path) -> None:
    board = Board(tmp_path)
    LineGauge(tmp_path).keep_threshold()
    assert (board.dac / "store_eeprom").read_text() == "1"


def test_a_new_boards_threshold_is_what_the_firmware_takes_it_for(tmp_path: Path) -> None:
    from firmware.line.idle_voltage import FIRST_THRESHOLD_V

    Board(tmp_path)
    assert LineGauge(tmp_path)._threshold() == pytest.approx(FIRST_THRESHOLD_V, abs=0.5)


def test_a_board_without_converters_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(GaugeError, match="overlay is not loaded"):
        LineGauge(tmp_path)


def test_a_converter_that_stops_answering_is_said_so(tmp_path: Path) -> None:
    board = Board(tmp_path)
    gauge = LineGauge(tmp_path)
    (board.adc / "in_voltage0_raw").write_text("")
    with pytest.raises(GaugeError, match="in_voltage0_raw: cannot be read"):
        gauge.volts()
