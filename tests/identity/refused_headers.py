"""Tokens whose header or signature is wrong: makers by name."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from functools import partial
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from identity.issuer import Issuer
from identity.keys import (
    Key,
    any_rsa_key,
    claims_of,
    ec_key,
    ed_key,
    encode,
    forge,
    header_of,
    other_ec_key,
    pack,
    rsa_key,
)

Make = Callable[[Issuer], bytes]
# The issuer serves it, and nobody may ask for it.
LURE = "/lure"
HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}
SPKI, PKCS1 = PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1


def stranger() -> Key:
    """Return a key that the issuer does not have, under a name that it has."""
    return Key("main", "RS256", rsa_key("stranger").private, alg="RS256")


def unsigned(algorithm: str, issuer: Issuer, *, signature: bytes = b"") -> bytes:
    """Make a token that says that it needs no signature."""
    header = header_of(rsa_key("main"), alg=algorithm)
    return pack(header) + b"." + pack(claims_of(issuer.address)) + b"." + signature


def keyed_hash(secret: bytes, issuer: Issuer, *, algorithm: str = "HS256", **header: Any) -> bytes:
    """Make a token that is signed with a secret, such as our public key."""
    head = header_of(rsa_key("main"), alg=algorithm, **header)
    signed = pack(head) + b"." + pack(claims_of(issuer.address))
    return signed + b"." + encode(hmac.new(secret, signed, HASHES[algorithm]).digest())


def headed(key: Key, issuer: Issuer, *, algorithm: str = "", **header: Any) -> bytes:
    """Make a token with a changed header, signed with a key."""
    return forge(key, header_of(key, **header), claims_of(issuer.address), algorithm)


def lured(name: str, value: Callable[[str], Any], issuer: Issuer) -> bytes:
    """Make a token whose header leads to the stranger's key."""
    return headed(stranger(), issuer, **{name: value(issuer.address + LURE)})


def public_bytes(encoding: Encoding, form: PublicFormat) -> bytes:
    """Return the main public key as a file would have it."""
    found: bytes = rsa_key("main").private.public_key().public_bytes(encoding, form)
    return found


def public_secrets() -> dict[str, bytes]:
    """Return what everybody knows of the main key, in the forms that libraries take."""
    public = rsa_key("main").public
    pem = public_bytes(Encoding.PEM, SPKI)
    return {
        "pem": pem,
        "pem-stripped": pem.strip(),
        "pem-pkcs1": public_bytes(Encoding.PEM, PKCS1),
        "der": public_bytes(Encoding.DER, SPKI),
        "der-pkcs1": public_bytes(Encoding.DER, PKCS1),
        "jwk": json.dumps(public).encode(),
        "modulus": base64.urlsafe_b64decode(public["n"] + "=="),
        "modulus-text": public["n"].encode(),
        "empty": b"",
    }


UNSIGNED: dict[str, Make] = {
    **{f"alg-{name}": partial(unsigned, name) for name in ("none", "None", "NONE", "nOnE", "")},
    "alg-none-signature": partial(unsigned, "none", signature=b"AAAA"),
    **{f"hs256-{name}": partial(keyed_hash, secret) for name, secret in public_secrets().items()},
    "hs384-pem": partial(keyed_hash, public_secrets()["pem"], algorithm="HS384"),
    "hs512-pem": partial(keyed_hash, public_secrets()["pem"], algorithm="HS512"),
    "hs256-dev-null": partial(keyed_hash, b"", kid="../../../../dev/null"),
    "hs256-no-kid": partial(keyed_hash, public_secrets()["pem"], kid=None),
}
KEY_IDS: dict[str, Any] = {
    "unknown": "unknown",
    "empty": "",
    "case": "MAIN",
    "space": "main ",
    "prefix": "mai",
    "path": "../keys/main",
    "absolute-path": "/etc/passwd",
    "backslash": "..\\..\\main",
    "percent": "%6d%61%69%6e",
    "nul": "main\0",
    "new-line": "main\r\nX-A: b",
    "sql": "main' or '1'='1",
    "command": "|/usr/bin/true",
    "long": "k" * 10_000,
    "surrogate": "\ud800",
    "number": 1,
    "true": True,
    "list": ["main"],
    "object": {"main": "main"},
}
KEY_ID_MAKERS: dict[str, Make] = {
    **{f"kid-{name}": partial(headed, rsa_key("main"), kid=kid) for name, kid in KEY_IDS.items()},
    "kid-null": lambda issuer: forge(
        rsa_key("main"), header_of(rsa_key("main")) | {"kid": None}, claims_of(issuer.address)
    ),
    "kid-missing": partial(headed, rsa_key("main"), kid=None),
    "kid-address": partial(lured, "kid", lambda lure: lure),
    "stranger": partial(headed, stranger()),
    "jku": partial(lured, "jku", lambda lure: lure),
    "x5u": partial(lured, "x5u", lambda lure: lure),
    "jwk": partial(lured, "jwk", lambda _: stranger().public),
    "x5c": partial(lured, "x5c", lambda _: ["MIIC"]),
}
ALGORITHMS: dict[str, Make] = {
    "alg-missing": partial(headed, rsa_key("main"), alg=None),
    "alg-lower-case": partial(headed, rsa_key("main"), alg="rs256"),
    "alg-number": partial(headed, rsa_key("main"), alg=256),
    "alg-list": partial(headed, rsa_key("main"), alg=["RS256"]),
    "alg-unknown": partial(headed, rsa_key("main"), alg="RS1"),
    "rs512-of-rs256-key": partial(headed, rsa_key("main"), algorithm="RS512", alg="RS512"),
    "ps256-of-rs256-key": partial(headed, rsa_key("main"), algorithm="PS256", alg="PS256"),
    "rs256-says-rs512": partial(headed, any_rsa_key(), alg="RS512"),
    "rs256-says-es256": partial(headed, rsa_key("main"), alg="ES256"),
    "es256-says-rs256": partial(headed, ec_key(), alg="RS256"),
    "es256-says-hs256": partial(headed, ec_key(), alg="HS256"),
    "es256-says-none": partial(headed, ec_key(), alg="none"),
    "es256-of-rsa-key": partial(headed, ec_key(), kid="main"),
    "es384-says-es256": partial(headed, other_ec_key(), alg="ES256"),
    "es384-says-es256k": partial(headed, other_ec_key(), alg="ES256K"),
    "eddsa-says-es256": partial(headed, ed_key(), alg="ES256"),
    "eddsa-of-ec-key": partial(headed, ed_key(), kid="ec"),
    "es256-zero": lambda issuer: unsigned("ES256", issuer, signature=encode(bytes(64))),
}
TYPES: dict[str, Make] = {
    f"typ-{kind}": partial(headed, rsa_key("main"), typ=kind)
    for kind in ("rt+jwt", "id_token", "Refresh", "logout+jwt", "dpop+jwt", "JWE", "", 7, ["JWT"])
}
CRITICAL: dict[str, Make] = {
    "crit-unknown": partial(headed, rsa_key("main"), crit=["unknown"], unknown=True),
    "crit-exp": partial(headed, rsa_key("main"), crit=["exp"], exp=1),
    "crit-empty": partial(headed, rsa_key("main"), crit=[]),
    "crit-text": partial(headed, rsa_key("main"), crit="b64", b64=True),
    "crit-absent": partial(headed, rsa_key("main"), crit=["b64"]),
    "b64-false": partial(headed, rsa_key("main"), crit=["b64"], b64=False),
    "b64-false-not-critical": partial(headed, rsa_key("main"), b64=False),
}
REFUSED_HEADERS = {**UNSIGNED, **KEY_ID_MAKERS, **ALGORITHMS, **TYPES, **CRITICAL}
