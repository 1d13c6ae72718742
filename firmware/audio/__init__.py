"""Audio: ALSA periods in, the pre-roll ring, levels; every gap is counted in samples."""
