"""The device tree overlay, and its check."""
