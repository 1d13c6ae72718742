"""The line-interface HAT: circuit, simulation, board, overlay, EEPROM, case, checked by machine."""
