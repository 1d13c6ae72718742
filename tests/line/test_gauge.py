"""The gauge over made-up IIO files."""

from pathlib import Path

import pytest

from firmware.line.gauge import GaugeError, LineGauge
from tests.support.iio import Converters


def test_the_lines_voltage_is_read_with_and_without_its_sign(tmp_path: Path) -> None:
    Converters(tmp_path)
    gauge = LineGauge(tmp_path)
    assert gauge.volts() == pytest.approx(48.0, abs=0.02)
    assert gauge.signed_volts() == pytest.approx(-48.0, abs=0.02)


@pytest.mark.parametrize("wanted", [13.2, 26.4, 33.0, 39.0])
def test_the_threshold_is_trimmed_until_it_reads_back(tmp_path: Path, wanted: float) -> None:
    gauge = Converters(tmp_path).gauge()
    assert gauge.set_threshold(wanted) == pytest.approx(wanted, abs=0.3)


def test_the_threshold_is_kept_for_the_next_start(tmp_path: Path) -> None:
    board = Converters(tmp_path)
    LineGauge(tmp_path).keep_threshold()
    assert (board.dac / "store_eeprom").read_text() == "1"


def test_a_new_boards_threshold_is_what_the_firmware_takes_it_for(tmp_path: Path) -> None:
    from firmware.line.idle_voltage import FIRST_THRESHOLD_V

    Converters(tmp_path)
    assert LineGauge(tmp_path)._threshold() == pytest.approx(FIRST_THRESHOLD_V, abs=0.5)


def test_a_board_without_converters_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(GaugeError, match="overlay is not loaded"):
        LineGauge(tmp_path)


def test_a_converter_that_stops_answering_is_said_so(tmp_path: Path) -> None:
    board = Converters(tmp_path)
    gauge = LineGauge(tmp_path)
    (board.adc / "in_voltage0_raw").write_text("")
    with pytest.raises(GaugeError, match="in_voltage0_raw: cannot be read"):
        gauge.volts()
