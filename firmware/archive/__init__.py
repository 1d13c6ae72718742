"""The archive: recordings, their records beside them, and a catalogue that can be rebuilt."""

from firmware.archive.archive import Archive

__all__ = ["Archive"]
