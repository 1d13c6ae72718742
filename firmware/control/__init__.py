"""The control socket between the recorder and everyone else."""

from firmware.control.client import ControlClient
from firmware.control.protocol import ControlError, Message, RecorderRunning, RecorderSilent
from firmware.control.server import ControlServer

__all__ = [
    "ControlClient",
    "ControlError",
    "ControlServer",
    "Message",
    "RecorderRunning",
    "RecorderSilent",
]
