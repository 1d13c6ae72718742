"""The HAT's converters through the kernel's IIO files: the line's voltage, the threshold's DAC.

The overlay binds the kernel's own drivers `ti-ads1015` (ADS1115, 0x48) and `mcp4725` (0x60); no
package is needed. Tested against made-up IIO files only; it has never run on a board.
"""

from __future__ import annotations

from pathlib import Path

from firmware.line.errors import LineError

VOLTS_PER_VOLT = 70.68  # of the line for each at SENSE: 2 x 4.7 Mohm / 133 kohm
DAC_STEPS = 4096
TRIMS = 4
CLOSE_V = 0.3


class GaugeError(LineError):
    """The HAT's converters are missing or do not answer."""


class LineGauge:
    """Raises GaugeError. `root` holds one folder for each IIO device."""

    def __init__(self, root: Path = Path("/sys/bus/iio/devices")) -> None:
        self._adc = _device(root, ("ads1115", "ads1015"))
        self._dac = _device(root, ("mcp4725",))

    def volts(self) -> float:
        """The line's voltage without its sign, smoothed over 33 ms, in volts."""
        return (self._input(0) - self._input(3)) * VOLTS_PER_VOLT

    def signed_volts(self) -> float:
        """Tip against ring, in volts; ringing shows in it."""
        return (self._input(1) - self._input(3)) * VOLTS_PER_VOLT

    def set_threshold(self, volts: float) -> float:
        """Put the off-hook comparator at `volts` of the line; what it came to, read back."""
        path = self._dac / "out_voltage0_raw"
        step = self._scale(self._dac, "out_voltage", 0) / 1000
        found = self._threshold()
        for _ in range(TRIMS):
            if abs(found - volts) <= CLOSE_V:
                break
            # TH follows the DAC by 33/43 (R19 against R18).
            change = (volts - found) / VOLTS_PER_VOLT * 43 / 33
            raw = round(self._number(path) + change / step)
            try:
                path.write_text(str(min(max(raw, 0), DAC_STEPS - 1)))
            except OSError as error:
                raise GaugeError(
                    f"{path}: the off-hook threshold cannot be set: {error}. Calls are still"
                    " noticed by the threshold that was set last."
                ) from error
            found = self._threshold()
        return found

    def keep_threshold(self) -> None:
        """Let the DAC start with this value after a power cut too; it can be written often, not
        endlessly: only when the idle voltage has really changed.
        """
        try:
            (self._dac / "store_eeprom").write_text("1")
        except OSError as error:
            raise GaugeError(
                f"{self._dac}: the threshold cannot be kept: {error}. After a power cut calls are"
                " noticed by the one kept before, until it is set again."
            ) from error

    def _threshold(self) -> float:
        return (self._input(2) - self._input(3)) * VOLTS_PER_VOLT

    def _input(self, channel: int) -> float:
        raw = self._number(self._adc / f"in_voltage{channel}_raw")
        return raw * self._scale(self._adc, "in_voltage", channel) / 1000

    def _scale(self, folder: Path, kind: str, channel: int) -> float:
        """Millivolts of one step: of the channel where the driver has one for each, else of all."""
        own = folder / f"{kind}{channel}_scale"
        return self._number(own if own.exists() else folder / f"{kind}_scale")

    def _number(self, path: Path) -> float:
        try:
            return float(path.read_text())
        except (OSError, ValueError) as error:
            raise GaugeError(
                f"{path}: cannot be read: {error}. The line's voltage is unknown; calls are still"
                " noticed by the threshold that was set last."
            ) from error


def _device(root: Path, names: tuple[str, ...]) -> Path:
    for folder in sorted(root.glob("iio:device*")):
        try:
            if (folder / "name").read_text().strip() in names:
                return folder
        except OSError:
            continue
    raise GaugeError(
        f"No {' or '.join(names)} under {root}: the Tipring HAT's overlay is not loaded, or this is"
        " another board. Calls are noticed, the line's voltage is not shown."
    )
