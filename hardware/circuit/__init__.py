"""The schematic as source: parts and nets in Python, rules over them, files made from them."""
