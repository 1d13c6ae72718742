"""Evidence: an append-only log of what happens to calls, signed heads, anchors, bundles."""
