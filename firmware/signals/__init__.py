"""Streaming decoders: (n,) float32 samples in -1..1 at 8 kHz in, events out. No I/O, no clock."""
