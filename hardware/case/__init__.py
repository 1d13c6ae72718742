"""The case, and its check."""
