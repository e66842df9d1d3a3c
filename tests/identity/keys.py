"""Keys that sign tokens, and tokens made of any bytes."""

from __future__ import annotations

import base64
import functools
import json
import time
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa
from jwt.algorithms import get_default_algorithms

AUDIENCE = "items"
ROLE = "reader"
ALGORITHMS = get_default_algorithms()


class Key:
    """A key pair; ``name`` is its id, and ``algorithm`` what it signs with by itself."""

    def __init__(self, name: str, algorithm: str, private: Any, **members: Any) -> None:
        self.name = name
        self.algorithm = algorithm
        self.private = private
        kind = ALGORITHMS[algorithm]
        found: dict[str, Any] = kind.to_jwk(private.public_key(), as_dict=True)
        self.public = {name: value for name, value in found.items() if name != "key_ops"}
        self.public |= {"kid": name, "use": "sig", **members}

    def sign(self, signed: bytes, algorithm: str) -> bytes:
        """Sign with any algorithm that the key can be used with."""
        kind = ALGORITHMS[algorithm]
        return kind.sign(signed, self.private)


@functools.cache
def rsa_key(name: str, size: int = 2048) -> Key:
    """Make an RSA key that says RS256; the same name is the same key."""
    return Key(name, "RS256", generate_rsa(65537, size), alg="RS256")


@functools.cache
def any_rsa_key() -> Key:
    """Make an RSA key that does not say its algorithm."""
    return Key("any", "RS256", generate_rsa(65537, 2048))


@functools.cache
def ec_key() -> Key:
    """Make a key of the curve P-256."""
    return Key("ec", "ES256", generate_ec(SECP256R1()), alg="ES256")


@functools.cache
def other_ec_key() -> Key:
    """Make a key of the curve P-384 that does not say its algorithm."""
    return Key("ec-384", "ES384", generate_ec(SECP384R1()))


@functools.cache
def ed_key() -> Key:
    """Make a key of the curve Ed25519."""
    return Key("ed", "EdDSA", Ed25519PrivateKey.generate())


def encode(data: bytes) -> bytes:
    """Encode as the parts of a token are."""
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def pack(value: Any) -> bytes:
    """Encode what a part of a token says; bytes are taken as they are."""
    return encode(value if isinstance(value, bytes) else json.dumps(value).encode())


def forge(key: Key, header: Any, claims: Any, algorithm: str = "") -> bytes:
    """Make a token of any header and claims, signed with a key."""
    signed = pack(header) + b"." + pack(claims)
    return signed + b"." + encode(key.sign(signed, algorithm or key.algorithm))


def header_of(key: Key, **changes: Any) -> dict[str, Any]:
    """Return the header of a good token, with changes; None removes."""
    return _change({"alg": key.algorithm, "kid": key.name, "typ": "at+jwt"}, changes)


def claims_of(issuer: str, **changes: Any) -> dict[str, Any]:
    """Return the claims of a good token, with changes; None removes."""
    now = int(time.time())
    good = {"iss": issuer, "aud": AUDIENCE, "sub": "ann", "scope": ROLE}
    return _change(good | {"iat": now, "exp": now + 600}, changes)


def token(key: Key, issuer: str, **changes: Any) -> str:
    """Make a good token, with changes of its claims."""
    return forge(key, header_of(key), claims_of(issuer, **changes)).decode()


def _change(values: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in (values | changes).items() if value is not None}
