"""A time-stamp authority on the network (RFC 3161, 3.4): only a hash ever leaves the box."""

from __future__ import annotations

import re
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from firmware.evidence import certificates
from firmware.evidence.errors import AuthorityUnreachable

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

TIMEOUT_S = 30.0
LONGEST_ANSWER = 1 << 16
LONGEST_LIST = 1 << 23
SYSTEM_ROOTS = Path("/etc/ssl/certs/ca-certificates.crt")


class Authority(Protocol):
    """Who stamps."""

    name: str

    def stamp(self, asked: bytes) -> bytes:
        """The answer to a request. Raises AuthorityUnreachable."""

    def trusted(self) -> list[Certificate]:
        """The root certificates that a stamp must lead to."""

    def revoked(self, chain: bytes) -> bytes:
        """The revocation lists (PEM) for a chain; those that cannot be had are left out."""


class HttpAuthority:
    """An authority by its URL; `roots`: a PEM file, the system's own certificates if not given."""

    def __init__(self, url: str, roots: Path | None = None) -> None:
        if not re.match(r"https?://", url):
            raise AuthorityUnreachable(f"{url!r} is no address of a time-stamp authority.")
        self.name = url
        self._roots = roots or SYSTEM_ROOTS

    def stamp(self, asked: bytes) -> bytes:
        """POST the request."""
        kind = {"Content-Type": "application/timestamp-query"}
        return self._fetched(
            urllib.request.Request(self.name, asked, kind, method="POST"), LONGEST_ANSWER
        )

    def trusted(self) -> list[Certificate]:
        """Those of the file."""
        try:
            return certificates.load_pem(self._roots.read_bytes())
        except OSError as error:
            raise AuthorityUnreachable(
                f"{self._roots}: the trusted certificates cannot be read ({error.strerror})."
            ) from error

    def revoked(self, chain: bytes) -> bytes:
        """Fetch the list that each certificate of the chain names."""
        from cryptography import x509
        from cryptography.hazmat.primitives.serialization import Encoding

        lists = b""
        for certificate in certificates.load_pem(chain)[:-1]:
            for url in certificates.list_addresses(certificate):
                try:
                    data = self._fetched(urllib.request.Request(url), LONGEST_LIST)
                    load = x509.load_pem_x509_crl if data[:1] == b"-" else x509.load_der_x509_crl
                    lists += load(data).public_bytes(Encoding.PEM)
                except (AuthorityUnreachable, ValueError):
                    continue  # the stamp holds without it; it is only less well supported
                break
        return lists

    def _fetched(self, asked: urllib.request.Request, longest: int) -> bytes:
        try:
            with urllib.request.urlopen(asked, timeout=TIMEOUT_S) as answer:
                data: bytes = answer.read(longest + 1)
        except (OSError, ValueError) as error:
            raise AuthorityUnreachable(
                f"{asked.full_url}: the time-stamp authority cannot be reached ({error}). The"
                " recordings are sealed all the same; the stamp is asked for again later."
            ) from error
        if len(data) > longest:
            raise AuthorityUnreachable(f"{asked.full_url}: the answer is far too long.")
        return data
