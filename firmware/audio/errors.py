"""What can go wrong with sound; each message says what it means and what to do."""


class AudioError(Exception):
    """Any of those below."""


class CardUnknown(AudioError):
    """No sound card has this name."""


class CardBusy(AudioError):
    """Another program holds the card."""


class CardFailed(AudioError):
    """The card refuses the format, or it vanished."""
