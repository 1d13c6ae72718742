"""What can go wrong with encrypted calls; each message says what it means and what to do."""

import errno


class PrivacyError(Exception):
    """Any of those below."""


class KeyGone(PrivacyError):
    """The call was erased, or this box never had its key: nobody can read it."""


class KeyStoreUnusable(PrivacyError):
    """The file of call keys is missing, damaged, or readable by others."""


class SealBroken(PrivacyError, OSError):
    """A sealed file was changed or damaged, or is none: a read error like that of a bad medium."""

    def __init__(self, why: str) -> None:
        super().__init__(errno.EIO, why)
