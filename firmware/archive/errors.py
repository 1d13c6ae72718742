"""What can go wrong with the archive; each message says what it means and what to do."""


class ArchiveError(Exception):
    """Any of those below."""


class ArchiveUnwritable(ArchiveError):
    """The archive's folder or medium refuses a write."""


class ArchiveFull(ArchiveError):
    """No space or no inode is left on the medium."""


class CatalogueTooNew(ArchiveError):
    """The catalogue was written by a newer release."""


class NoSuchCall(ArchiveError):
    """No call has this id, or it has no audio."""


class SealedAway(ArchiveError):
    """A call is encrypted, and its key is not here or cannot be stored."""


class CallProtected(ArchiveError):
    """A flagged call is not deleted."""
