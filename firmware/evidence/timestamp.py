"""Time-stamps of RFC 3161: what to ask an authority, and what to believe of its answer.

A token says that a text existed no later than the token's time. It says nothing of when the text
was made. The certificate has to be good at the token's time, not today (RFC 3161, section 4).
Certificates are checked in `certificates`.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from firmware.evidence import certificates
from firmware.evidence.errors import StampRefused

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

LONGEST = 1 << 16
GRANTED = ("granted", "granted_with_mods")
DIGESTS = ("sha256", "sha384", "sha512")


@dataclass(frozen=True, slots=True)
class Stamp:
    """`at`: the token's time, UTC; `authority`: the signer's name; `chain`: PEM, the root last."""

    at: datetime
    authority: str
    serial: int
    chain: bytes


@dataclass(frozen=True, slots=True)
class _Token:
    """A token: `info` is the TSTInfo, `content` its bytes, `attributes` what is signed."""

    info: Any
    content: bytes
    signer: Any
    attributes: bytes
    held: list[bytes]


def request(data: bytes) -> bytes:
    """A request (DER) for a stamp over the SHA-256 of `data`, with a nonce and the certificates."""
    from asn1crypto import algos, tsp

    imprint = {
        "hash_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}),
        "hashed_message": hashlib.sha256(data).digest(),
    }
    asked = {"version": "v1", "message_imprint": imprint, "nonce": secrets.randbits(63)}
    return bytes(tsp.TimeStampReq({**asked, "cert_req": True}).dump())


def accept(answer: bytes, asked: bytes, data: bytes, trusted: Sequence[Certificate]) -> Stamp:
    """Check an authority's answer to the request `asked`. Raises StampRefused.

    `trusted`: root certificates; the one that the token leads to becomes the end of `chain`.
    """
    from asn1crypto import tsp

    token = _parsed(answer)
    if token.info["nonce"].native != tsp.TimeStampReq.load(asked)["nonce"].native:
        raise StampRefused("The time-stamp answers another request than the one that was sent.")
    return _checked(token, data, trusted, b"", ())


def check(answer: bytes, data: bytes, chain: bytes, crl: bytes = b"") -> Stamp:
    """Check a stored answer over `data` by the chain (PEM) kept with it. Raises StampRefused.

    `crl`: revocation lists (PEM) of the authorities in the chain, where they were fetched.
    """
    known = certificates.load_pem(chain)
    roots = [one for one in known if one.issuer == one.subject]
    return _checked(_parsed(answer), data, roots, crl, known)


def _answer_form() -> Any:
    """TimeStampResp of RFC 3161; asn1crypto's own wants a token in a refusal too."""
    from asn1crypto import cms, core, tsp

    class Answer(core.Sequence):  # type: ignore[misc]
        _fields = [
            ("status", tsp.PKIStatusInfo),
            ("time_stamp_token", cms.ContentInfo, {"optional": True}),
        ]

    return Answer


def _parsed(answer: bytes) -> _Token:
    from asn1crypto import tsp

    if len(answer) > LONGEST:
        raise StampRefused("The time-stamp is far larger than a time-stamp is.")
    try:
        made = _answer_form().load(answer, strict=True)
        status = made["status"]
        if status["status"].native not in GRANTED:
            why = "; ".join(status["status_string"].native or ()) or "no reason given"
            raise StampRefused(f"The time-stamp authority refused: {why}.")
        if made["time_stamp_token"]["content_type"].native != "signed_data":
            raise ValueError("not signed")
        signed = made["time_stamp_token"]["content"]
        inner = signed["encap_content_info"]
        if inner["content_type"].native != "tst_info":
            raise ValueError("not a token")
        content = inner["content"].contents
        info = tsp.TSTInfo.load(content, strict=True)
        _ = info["gen_time"].native, info["nonce"].native  # parsed late: what is broken raises here
        [signer] = signed["signer_infos"]
        attributes = b"\x31" + signer["signed_attrs"].dump()[1:]  # RFC 5652, 5.4: as a SET
        held = [one.chosen.dump() for one in signed["certificates"] or ()]
    except _BROKEN as error:
        raise StampRefused("The time-stamp cannot be read: it is damaged.") from error
    return _Token(info, content, signer, attributes, held)


_BROKEN = (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError)


def _checked(
    token: _Token,
    data: bytes,
    roots: Sequence[Certificate],
    crl: bytes,
    known: Sequence[Certificate],
) -> Stamp:
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm

    unreadable = (
        *(UnsupportedAlgorithm, x509.DuplicateExtension, x509.InvalidVersion),
        *(x509.UnsupportedGeneralNameType, x509.AttributeNotFound, x509.ExtensionNotFound),
    )
    try:
        return _believed(token, data, roots, crl, known)
    except (*_BROKEN, *unreadable) as error:
        raise StampRefused(f"The time-stamp cannot be read: it is damaged ({error}).") from error


def _believed(
    token: _Token,
    data: bytes,
    roots: Sequence[Certificate],
    crl: bytes,
    known: Sequence[Certificate],
) -> Stamp:
    imprint = token.info["message_imprint"]
    if (
        imprint["hash_algorithm"]["algorithm"].native != "sha256"
        or imprint["hashed_message"].native != hashlib.sha256(data).digest()
    ):
        raise StampRefused("The time-stamp is over another text than this log's summary.")
    at: datetime = token.info["gen_time"].native
    held = [*certificates.load_der(token.held), *known]
    signer = _signer(token, held)
    certificates.for_stamping(signer, at)
    chain = certificates.chain(signer, held, roots, at)
    certificates.not_revoked(chain, crl)
    _signed_by(token, signer)
    name = signer.subject.rfc4514_string()
    serial = int(token.info["serial_number"].native)
    return Stamp(at, name, serial, certificates.to_pem(chain))


def _signer(token: _Token, held: Sequence[Certificate]) -> Certificate:
    named = token.signer["sid"]
    if named.name == "issuer_and_serial_number":
        issuer, serial = named.chosen["issuer"].dump(), named.chosen["serial_number"].native
        for one in held:
            if one.serial_number == serial and one.issuer.public_bytes() == issuer:
                return one
    raise StampRefused("The time-stamp does not hold the certificate that signed it.")


def _signed_by(token: _Token, signer: Certificate) -> None:
    """RFC 5652, sections 5.4 and 5.6; RFC 5816 for the certificate's hash. Raises StampRefused."""
    from cryptography.hazmat.primitives.serialization import Encoding

    digest = token.signer["digest_algorithm"]["algorithm"].native
    if digest not in DIGESTS:
        raise StampRefused(f"The time-stamp uses a hash that is not trusted ({digest}).")
    attributes = token.signer["signed_attrs"]
    values = {one["type"].native: one["values"] for one in attributes}
    if len(values) != len(attributes) or values["content_type"][0].native != "tst_info":
        raise StampRefused("The time-stamp's signature does not say what it signs.")
    if values["message_digest"][0].native != hashlib.new(digest, token.content).digest():
        raise StampRefused("The time-stamp was changed after it was signed.")
    der = signer.public_bytes(Encoding.DER)
    if "signing_certificate_v2" in values:
        named = values["signing_certificate_v2"][0]["certs"][0]
        how = named["hash_algorithm"]["algorithm"].native
        fits = named["cert_hash"].native == hashlib.new(how, der).digest()
    else:
        named = values["signing_certificate"][0]["certs"][0]
        fits = named["cert_hash"].native == hashlib.sha1(der).digest()
    if not fits:
        raise StampRefused("The time-stamp was signed for another certificate.")
    algorithm = token.signer["signature_algorithm"]
    if not certificates.signature_holds(
        signer, algorithm, digest, token.signer["signature"].native, token.attributes
    ):
        raise StampRefused("The time-stamp's signature does not hold: it was changed.")
