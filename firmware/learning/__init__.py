"""What the box finds out about its own line, kept and applied."""
