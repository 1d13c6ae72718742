"""The clocks of this machine: what the log puts into every entry."""

from __future__ import annotations

import time
from pathlib import Path

from firmware.evidence.entries import Moment

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
SYNCHRONISED = Path("/run/systemd/timesync/synchronized")
RTC = Path("/dev/rtc0")


def now() -> Moment:
    """This instant. The boot clock runs on while the machine sleeps.

    A process that is locked in may not read the boot's id: it is empty then, and the log tells by
    the clocks whether the machine was started anew.
    """
    try:
        boot = BOOT_ID.read_text("ascii").strip()
    except OSError:
        boot = ""
    source = "ntp" if SYNCHRONISED.exists() else "rtc" if RTC.exists() else "none"
    return Moment(time.time(), time.clock_gettime(time.CLOCK_BOOTTIME), boot, source)
