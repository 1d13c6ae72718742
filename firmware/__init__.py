"""Tipring's recorder: from the copper pair to a call in the archive."""

__version__ = "0.1.0"
