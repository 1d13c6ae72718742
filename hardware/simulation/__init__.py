"""ngspice runs over the netlist: tolerances, line conditions, surges; quantities against limits."""
