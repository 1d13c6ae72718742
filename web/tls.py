"""TLS with an authority of this box's own, which the owner may install in his telephone.

The authority may sign for local names and private addresses only (RFC 5280, 4.2.1.10), so that
installing it gives nobody the means to pose as a bank.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from web.private_files import write_secret

LOCAL_NAMES = ("local", "lan", "home", "home.arpa", "internal", "localhost", "tipring")
PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8")
PRIVATE += ("fc00::/7", "fe80::/10", "::1/128")
AUTHORITY_LASTS = timedelta(days=3650)
LASTS = timedelta(days=397)  # telephones refuse more than 825 days
RENEWED_BEFORE = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Paths:
    """Files of the state folder: the authority's certificate, the box's, and the box's key."""

    authority: Path
    certificate: Path
    key: Path


def own_addresses() -> set[str]:
    """The private addresses by which this box can be reached now."""
    found = {"127.0.0.1", "::1"}
    for family, target in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect((target, 9))  # sends nothing; picks the address that would be used
                found.add(str(probe.getsockname()[0]).split("%")[0])
            except OSError:
                continue  # no such network
    allowed = [ipaddress.ip_network(one) for one in PRIVATE]
    return {one for one in found if any(ipaddress.ip_address(one) in net for net in allowed)}


def ensure(state_dir: Path, names: Iterable[str] = ()) -> Paths:
    """Make what is missing, renew what is about to end or lacks a name or address of the box."""
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization

    paths = Paths(state_dir / "ca.pem", state_dir / "tls.pem", state_dir / "tls-key.pem")
    secret = state_dir / "ca-key.pem"
    if not (paths.authority.exists() and secret.exists()):
        _make_authority(paths.authority, secret)
    authority = x509.load_pem_x509_certificate(paths.authority.read_bytes())
    signer = serialization.load_pem_private_key(secret.read_bytes(), None)
    own = socket.gethostname().lower()
    wanted = {"localhost", "tipring", "tipring.local", f"{own}.local", *names}
    wanted = {one for one in wanted if one.split(".")[-1] in LOCAL_NAMES or one in LOCAL_NAMES}
    if not _still_good(paths, wanted, own_addresses(), authority):
        _make_certificate(paths, wanted, own_addresses(), authority, signer)
    return paths


def fingerprint(authority: Path) -> str:
    """SHA-256 of the authority's certificate, as telephones show it."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    found = x509.load_pem_x509_certificate(authority.read_bytes()).fingerprint(hashes.SHA256())
    return ":".join(f"{one:02X}" for one in found)


def _key_text(key: Any) -> str:
    from cryptography.hazmat.primitives import serialization as form

    text: bytes = key.private_bytes(
        form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()
    )
    return text.decode()


def _builder(subject: str, issuer: Any, key: Any, lasts: timedelta) -> Any:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer or name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now - timedelta(days=2) + lasts)
    )


def _make_authority(path: Path, secret: Path) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding

    key = ec.generate_private_key(ec.SECP256R1())
    allowed: list[x509.GeneralName] = [x509.DNSName(one) for one in LOCAL_NAMES]
    allowed += [x509.IPAddress(ipaddress.ip_network(one)) for one in PRIVATE]
    usage = x509.KeyUsage(
        key_cert_sign=True, crl_sign=True, digital_signature=False, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
    made = (
        _builder(f"Tipring box {socket.gethostname()}"[:60], None, key, AUTHORITY_LASTS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.NameConstraints(allowed, None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    write_secret(secret, _key_text(key))
    write_secret(path, made.public_bytes(Encoding.PEM).decode())


def _make_certificate(
    paths: Paths, names: set[str], addresses: set[str], authority: Any, signer: Any
) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509.oid import ExtendedKeyUsageOID

    key = ec.generate_private_key(ec.SECP256R1())
    alternatives: list[x509.GeneralName] = [x509.DNSName(one) for one in sorted(names)]
    alternatives += [x509.IPAddress(ipaddress.ip_address(one)) for one in sorted(addresses)]
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key())
    made = (
        _builder("tipring.local", authority.subject, key, LASTS)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(identifier, critical=False)
        .sign(signer, hashes.SHA256())
    )
    write_secret(paths.key, _key_text(key))
    write_secret(paths.certificate, made.public_bytes(Encoding.PEM).decode())


def _still_good(paths: Paths, names: set[str], addresses: set[str], authority: Any) -> bool:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature

    if not (paths.certificate.exists() and paths.key.exists()):
        return False
    try:
        found = x509.load_pem_x509_certificate(paths.certificate.read_bytes())
        found.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    said = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    has = {*said.get_values_for_type(x509.DNSName)}
    has |= {str(one) for one in said.get_values_for_type(x509.IPAddress)}
    now = datetime.now(UTC)
    lasts = found.not_valid_before_utc <= now < found.not_valid_after_utc - RENEWED_BEFORE
    return lasts and names | addresses <= has
