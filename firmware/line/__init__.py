"""The line interface: gpiozero devices of the HAT in, line events with monotonic times out."""
