"""Tampering by the ten thousand: every change must be found, no honest bundle refused."""
