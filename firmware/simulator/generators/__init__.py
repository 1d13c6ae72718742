"""What a line carries, made from the standards alone and never from our own decoders.

Every generator gives float64 samples (n,) in -1..1, where a full-scale sine is +3.14 dBm0.
"""
