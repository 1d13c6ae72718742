"""Calls: what happened on the line, turned into decisions. Pure: no I/O, no clock."""
