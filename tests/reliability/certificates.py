"""Certificates for TLS on the loopback address."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

ADDRESS = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])


def make_certificates(folder: Path, authority: str, *names: str, stranger: str) -> None:
    """Write ``NAME.pem`` and ``NAME.key`` of an authority and of those whom it vouches for.

    The ``stranger`` vouches for itself.
    """
    now = datetime.now(UTC)
    keys = {name: generate_private_key(SECP256R1()) for name in (authority, stranger, *names)}
    for name, key in keys.items():
        issuer = name if name == stranger else authority
        constraints = x509.BasicConstraints(ca=name == issuer, path_length=None)
        certificate = (
            x509.CertificateBuilder(name_of(issuer), name_of(name), key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(hours=1))
            .add_extension(ADDRESS, critical=False)
            .add_extension(constraints, critical=True)
            .sign(keys[issuer], SHA256())
        )
        (folder / f"{name}.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
        form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / f"{name}.key").write_bytes(key.private_bytes(*form))


def name_of(name: str) -> x509.Name:
    """Return the name of somebody."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
