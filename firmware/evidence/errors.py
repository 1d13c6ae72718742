"""What can go wrong with evidence; each message says what it means and what to do."""


class EvidenceError(Exception):
    """Any of those below."""


class KeyUnusable(EvidenceError):
    """The box's signing key is missing, damaged, or readable by others."""


class LogDamaged(EvidenceError):
    """The event log is not what was written: changed, shortened, or of another box."""


class LogUnwritable(EvidenceError):
    """The event log's folder or medium refuses a write."""


class WordsWrong(EvidenceError):
    """The words are not those that were printed: one is unknown, or the check fails."""


class StampRefused(EvidenceError):
    """A time-stamp is not what it claims to be, or its certificate was not good for it."""


class AuthorityUnreachable(EvidenceError):
    """The time-stamp authority did not answer; the request waits in the queue."""


class BundleImpossible(EvidenceError):
    """The bundle cannot be made: the call is unknown, erased, or too large."""


class Changed(EvidenceError):
    """What is checked is not what was sealed; the message says what differs, in plain words.

    `why`: a word for it, where a page says it in its own language: log, record, recording, missing.
    """

    def __init__(self, said: str, why: str = "") -> None:
        super().__init__(said)
        self.why = why
