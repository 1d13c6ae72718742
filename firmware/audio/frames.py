"""What an audio source delivers: periods of samples, and gaps where samples were lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]


@dataclass(frozen=True, eq=False, slots=True)
class Period:
    """`samples`: (n,) int16 mono; `first`: stream index of the first; `time`: its monotonic s."""

    first: int
    samples: Samples
    time: float

    @property
    def end(self) -> int:
        """The stream index behind the last sample."""
        return self.first + len(self.samples)


@dataclass(frozen=True, slots=True)
class Gap:
    """`count` samples from stream index `first` were lost; the index runs on over them."""

    first: int
    count: int
    reason: str
    time: float

    @property
    def end(self) -> int:
        """The stream index behind the gap."""
        return self.first + self.count


class AudioSource(Protocol):
    """The recorder's only view of a sound card, or of the simulator's."""

    rate: int

    def read(self) -> Period | Gap | None:
        """The next item; blocks for about a period at most; None when there is nothing."""

    def close(self) -> None:
        """Let the card go."""
