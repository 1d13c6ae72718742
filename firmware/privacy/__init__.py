"""Privacy: calls encrypted at rest, each under a key of its own that can be destroyed."""
