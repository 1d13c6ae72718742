"""The ID EEPROM: its settings as text, and the image that is written into it."""
