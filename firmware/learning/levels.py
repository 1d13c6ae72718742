"""What the levels of the test call mean: the gain, and the threshold of voice activation."""

from __future__ import annotations

TARGET_DBM0 = -15.0  # of the louder voice: 18 dB below full scale, so that a shout is not clipped
NEAR_ENOUGH_DB = 7.0
TOO_QUIET_DBM0 = -38.0
ABOVE_NOISE_DB = 6.0
BELOW_VOICE_DB = 4.0
LOWEST_DBM0, HIGHEST_DBM0 = -60.0, -20.0


def gain_advice(near: float | None, far: float | None, clipped: int) -> float:
    """By how many dB the input should be turned up (or, below 0, down); 0 where it is well.

    `near` and `far` are the louder and the quieter voice in dBm0, `clipped` counts samples.
    """
    if near is None:
        return 0.0
    change = round(TARGET_DBM0 - near)
    if clipped:
        return float(min(change, -6))
    if abs(change) <= NEAR_ENOUGH_DB and (far is None or far > TOO_QUIET_DBM0 or change <= 0):
        return 0.0
    return float(change)


def vox_threshold(noise: float | None, far: float | None) -> float | None:
    """Between the idle line and the quieter voice, in dBm0; None where they are not apart."""
    if noise is None or far is None or far - noise < ABOVE_NOISE_DB + BELOW_VOICE_DB:
        return None
    wanted = (noise + far) / 2
    wanted = min(max(wanted, noise + ABOVE_NOISE_DB), far - BELOW_VOICE_DB)
    return float(round(min(max(wanted, LOWEST_DBM0), HIGHEST_DBM0)))
