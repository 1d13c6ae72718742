"""The archive: recordings, their records beside them, and a catalogue that can be rebuilt."""
