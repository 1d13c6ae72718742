"""What can go wrong with the line interface; each message says what it means and what to do."""


class LineError(Exception):
    """Any of those below."""


class ProfileError(LineError):
    """A HAT profile that cannot be read or contradicts itself."""


class PinError(LineError):
    """A GPIO pin or chip that is missing, busy or not allowed."""
