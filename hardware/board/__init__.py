"""The printed circuit: placed and routed by script, checked by KiCad's design rules."""
