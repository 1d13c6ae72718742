"""Certificates of time-stamp authorities: the chain to a trusted root, validity, revocation.

Every certificate has to be good at the stamp's time, not today.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from firmware.evidence.errors import StampRefused

if TYPE_CHECKING:
    from cryptography.x509 import Certificate, CertificateRevocationList

LONGEST_CHAIN = 8
TIME_STAMPING = "1.3.6.1.5.5.7.3.8"  # id-kp-timeStamping


def load_pem(data: bytes) -> list[Certificate]:
    """Certificates in PEM. Raises StampRefused."""
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificates(data)
    except ValueError as error:
        raise StampRefused("The time-stamp authority's certificates cannot be read.") from error


def load_der(data: Iterable[bytes]) -> list[Certificate]:
    """Certificates out of a token. Raises StampRefused."""
    from cryptography import x509

    try:
        return [x509.load_der_x509_certificate(one) for one in data]
    except ValueError as error:
        raise StampRefused("A certificate in the time-stamp cannot be read.") from error


def to_pem(chain: Iterable[Certificate]) -> bytes:
    """The certificates one after the other."""
    from cryptography.hazmat.primitives.serialization import Encoding

    return b"".join(one.public_bytes(Encoding.PEM) for one in chain)


def for_stamping(signer: Certificate, at: datetime) -> None:
    """RFC 3161, section 2.3: the certificate is for time-stamping alone. Raises StampRefused."""
    from cryptography import x509

    name = signer.subject.rfc4514_string()
    _good_at(signer, at)
    try:
        usage = signer.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except (x509.ExtensionNotFound, ValueError) as error:
        raise StampRefused(f"The certificate {name} is not made for time-stamping.") from error
    if not usage.critical or list(usage.value) != [x509.ObjectIdentifier(TIME_STAMPING)]:
        raise StampRefused(f"The certificate {name} is not made for time-stamping alone.")


def _good_at(certificate: Certificate, at: datetime) -> None:
    since, until = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not since <= at <= until:
        raise StampRefused(
            "The time-stamp authority's certificate"
            f" ({certificate.subject.rfc4514_string()}) was not valid when the stamp was made: it"
            f" was good from {since:%Y-%m-%d} to {until:%Y-%m-%d}, the stamp is of {at:%Y-%m-%d}."
        )


def chain(
    signer: Certificate,
    others: Sequence[Certificate],
    roots: Sequence[Certificate],
    at: datetime,
) -> list[Certificate]:
    """From the signer up to a trusted root, all good at `at`. Raises StampRefused."""
    made = [signer]
    while len(made) <= LONGEST_CHAIN:
        last = made[-1]
        if last in roots and len(made) > 1:
            return made
        above = [one for one in (*roots, *others) if one not in made and _issued(one, last)]
        if not above:
            break
        _good_at(above[0], at)
        made.append(above[0])
    raise StampRefused(
        "The time-stamp is signed by an authority that is not among the trusted ones:"
        f" {made[-1].issuer.rfc4514_string()}."
    )


def _issued(issuer: Certificate, certificate: Certificate) -> bool:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    if issuer.subject != certificate.issuer:
        return False
    try:
        basic = issuer.extensions.get_extension_for_class(x509.BasicConstraints)
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError, x509.ExtensionNotFound, UnsupportedAlgorithm):
        return False
    return basic.value.ca


def not_revoked(made: Sequence[Certificate], crl: bytes) -> None:
    """A certificate on its issuer's list makes every stamp of its key worthless, as RFC 3161
    (section 4) has it where the list gives no reason. Raises StampRefused."""
    lists = _revocation_lists(crl)
    for certificate, issuer in zip(made, made[1:], strict=False):
        for revoked in lists:
            if revoked.issuer != issuer.subject:
                continue
            if not revoked.is_signature_valid(issuer.public_key()):  # type: ignore[arg-type]
                raise StampRefused("The list of revoked certificates was not signed by its issuer.")
            found = revoked.get_revoked_certificate_by_serial_number(certificate.serial_number)
            if found is not None:
                raise StampRefused(
                    "The time-stamp authority's certificate"
                    f" ({certificate.subject.rfc4514_string()}) was revoked on"
                    f" {found.revocation_date_utc:%Y-%m-%d}: its stamps prove nothing."
                )


def _revocation_lists(crl: bytes) -> list[CertificateRevocationList]:
    from cryptography import x509

    begin = b"-----BEGIN X509 CRL-----"
    try:
        return [x509.load_pem_x509_crl(begin + part) for part in crl.split(begin)[1:]]
    except ValueError as error:
        raise StampRefused("The list of revoked certificates cannot be read.") from error


def signature_holds(
    signer: Certificate, algorithm: Any, digest: str, signature: bytes, data: bytes
) -> bool:
    """Whether the certificate's key signed `data`; `algorithm` is asn1crypto's. Raises ValueError
    for algorithms that are unknown here."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

    known: dict[str, hashes.HashAlgorithm] = {
        "sha256": hashes.SHA256(),
        "sha384": hashes.SHA384(),
        "sha512": hashes.SHA512(),
    }
    kind = algorithm.signature_algo
    named = digest
    if algorithm["algorithm"].native not in ("rsassa_pkcs1v15", "rsassa_pss"):
        named = algorithm.hash_algo
    hash_ = known[named]
    key = signer.public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey) and kind == "rsassa_pkcs1v15":
            key.verify(signature, data, padding.PKCS1v15(), hash_)
        elif isinstance(key, rsa.RSAPublicKey) and kind == "rsassa_pss":
            salt = padding.PSS(padding.MGF1(hash_), padding.PSS.AUTO)
            key.verify(signature, data, salt, hash_)
        elif isinstance(key, ec.EllipticCurvePublicKey) and kind == "ecdsa":
            key.verify(signature, data, ec.ECDSA(hash_))
        else:
            raise ValueError(f"unknown signature {kind}")
    except InvalidSignature:
        return False
    return True


def list_addresses(certificate: Certificate) -> list[str]:
    """Where the certificate says its revocation list is, http and https alone."""
    from cryptography import x509

    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except (x509.ExtensionNotFound, ValueError):
        return []
    return [
        name.value
        for point in points
        for name in point.full_name or ()
        if isinstance(name, x509.UniformResourceIdentifier)
        and name.value.startswith(("http://", "https://"))
    ]
