"""The recorder as a running process: a capture thread, one worker, the pins and the socket."""

from firmware.daemon.daemon import Daemon

__all__ = ["Daemon"]
