"""Made-up IIO files of the HAT's converters, which answer as the board's resistors do."""

import threading
from pathlib import Path

from firmware.line.gauge import VOLTS_PER_VOLT, LineGauge

ADC_MV = 0.125  # of each step at +-4.096 V
DAC_MV = 3300 / 4096
REFERENCE_V = 1.65


class Converters:
    """The files of an ADS1115 and an MCP4725; `settle` moves the threshold with the DAC.

    `runs_off`: what is left of the voltage from one reading to the next.
    """

    def __init__(self, root: Path, volts: float = 48.0) -> None:
        self.runs_off = 1.0
        self._lock = threading.Lock()
        self.adc, self.dac = root / "iio:device1", root / "iio:device0"
        for folder, name in ((self.adc, "ads1115"), (self.dac, "mcp4725")):
            folder.mkdir(parents=True)
            (folder / "name").write_text(f"{name}\n")
        for channel in range(4):
            (self.adc / f"in_voltage{channel}_scale").write_text(f"{ADC_MV}\n")
        (self.dac / "out_voltage_scale").write_text(f"{DAC_MV}\n")
        (self.dac / "out_voltage0_raw").write_text("2048\n")
        self.show(3, REFERENCE_V)
        self.line(volts)
        self.settle()

    def line(self, volts: float) -> None:
        """The line has this voltage, tip below ring."""
        self.volts = volts
        self.show(0, REFERENCE_V + volts / VOLTS_PER_VOLT)
        self.show(1, REFERENCE_V - volts / VOLTS_PER_VOLT)

    def show(self, channel: int, volts: float) -> None:
        path = self.adc / f"in_voltage{channel}_raw"
        with self._lock:
            path.with_suffix(".new").write_text(f"{round(volts * 1000 / ADC_MV)}\n")
            path.with_suffix(".new").replace(path)

    def dac_volts(self) -> float:
        raw = ""
        while not raw:  # an ordinary file is empty for a moment when it is written, sysfs is not
            raw = (self.dac / "out_voltage0_raw").read_text()
        return int(raw) * DAC_MV / 1000

    def settle(self) -> None:
        self.show(2, (self.dac_volts() * 33 + 3.3 * 10) / 43)

    def gauge(self) -> LineGauge:
        """A gauge of this board."""
        made = SettledGauge(self.adc.parent)
        made.board = self
        return made

    def threshold(self) -> float:
        """Where the comparator is now, in volts of the line."""
        return self.gauge().threshold()


class SettledGauge(LineGauge):
    """A gauge whose board follows its DAC at once."""

    board: Converters

    def volts(self) -> float:
        self.board.volts *= self.board.runs_off
        if self.board.runs_off != 1.0:
            self.board.line(self.board.volts)
        return super().volts()

    def threshold(self) -> float:
        return self._threshold()

    def _threshold(self) -> float:
        self.board.settle()
        return super()._threshold()
