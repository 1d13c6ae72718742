"""The idle voltage of this line, learned; off-hook is judged against it.

A fixed threshold fails: a short 48 V line has 21 V off-hook, a router's telephone port may have
24 V idle (simulated in `hardware/simulation`; never tried on a real line). So off-hook is a line
below THRESHOLD of its own idle voltage. Only readings above the threshold are learned from, so a
telephone left off-hook for hours does not become the new normal.
"""

from __future__ import annotations

from collections import deque
from statistics import median

THRESHOLD = 0.55
CUT_V = 1.5  # below this there is no line; an off-hook telephone holds more
LOWEST_IDLE_V = 15.0
# Of a board whose DAC is as it left its factory, at half scale: 22 to 27 V by the simulation; so a
# line that is surely above it.
FIRST_THRESHOLD_V = 27.0
READINGS = 5
SETTLE_S = 600.0
STEADY_V = 1.0


def runs_off(first: float, second: float) -> bool:
    """Whether two readings a second apart are charge running off, not a lifted telephone.

    A line that is unplugged keeps its voltage in the board's own capacitors for seconds (3 s to a
    third; 20 s with a telephone on it) and passes through the off-hook range on its way to none;
    a lifted telephone holds its voltage, less the ripple of speech.
    """
    first, second = abs(first), abs(second)
    return CUT_V < second < 0.97 * first


class IdleVoltage:
    """Pure: readings and time in. `learned`: the idle voltage of an earlier run, in volts.

    A line that was never seen above FIRST_THRESHOLD_V counts as off-hook until it has been steady
    for ten minutes: a new box on a low line rather records ten minutes of nothing than misses a
    call.
    """

    def __init__(self, learned: float | None = None) -> None:
        self.idle = learned
        self._recent: deque[float] = deque(maxlen=READINGS)
        self._steady_since: float | None = None
        self._steady_v = 0.0

    def threshold(self) -> float:
        """Off-hook below this, in volts of the line."""
        return FIRST_THRESHOLD_V if self.idle is None else THRESHOLD * self.idle

    def off_hook(self, volts: float) -> bool:
        """Whether a line of `volts` (either polarity) has a lifted telephone."""
        return CUT_V < abs(volts) < self.threshold()

    def feed(self, volts: float, time: float) -> bool:
        """A reading of a line that is not ringing; True when the threshold moved."""
        volts = abs(volts)
        before = self.idle
        if volts >= max(self.threshold(), LOWEST_IDLE_V):
            self._recent.append(volts)
            if len(self._recent) == READINGS:
                self.idle = median(self._recent)
        elif self.idle is None and volts >= LOWEST_IDLE_V:
            self._settle(volts, time)
        else:
            self._recent.clear()
            self._steady_since = None
        return self.idle != before

    def _settle(self, volts: float, time: float) -> None:
        if self._steady_since is None or abs(volts - self._steady_v) > STEADY_V:
            self._steady_since, self._steady_v = time, volts
        elif time - self._steady_since >= SETTLE_S:
            self.idle = volts
