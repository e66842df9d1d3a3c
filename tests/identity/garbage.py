"""What a provider must not answer, by name: the path, and the answer."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any

from identity.issuer import DISCOVERY, KEYS, Issuer, Reply
from identity.keys import rsa_key

# Nobody may be led there.
ELSEWHERE = "/elsewhere"
Answer = Reply | Callable[[BaseHTTPRequestHandler], None]


def told(value: Any, status: int = 200, **headers: str) -> Reply:
    """Answer with JSON, or with bytes as they are."""
    return Reply(value if isinstance(value, bytes) else json.dumps(value).encode(), status, headers)


def discovery(address: str, **changes: Any) -> Reply:
    """Answer with a changed discovery document."""
    return told({"issuer": address, "jwks_uri": address + KEYS, **changes})


def endless(handler: BaseHTTPRequestHandler) -> None:
    """Answer with a body that never ends, until the client has enough."""
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(b'{"keys": ["')
    while True:
        handler.wfile.write(b"A" * 65_536)


def dripping(handler: BaseHTTPRequestHandler) -> None:
    """Answer with a byte at a time, until the client has lost its patience."""
    handler.send_response(200)
    handler.end_headers()
    for _ in range(200):
        handler.wfile.write(b" ")
        time.sleep(0.1)


def on_both_paths() -> dict[str, Answer]:
    """Return what is wrong wherever it is answered."""
    return {
        "html": told(b"<!doctype html><title>Welcome</title>"),
        "empty": told(b""),
        "invalid-utf-8": told(b'{"keys": "\xff"}'),
        "null": told(None),
        "number": told(1),
        "text": told("keys"),
        "list": told([{}]),
        "object": told({}),
        "deep": told(b"[" * 100_000),
        "digits": told(b"9" * 100_000),
        "error": told({"keys": [rsa_key("other").public]}, 500),
        "not-found": told({"keys": []}, 404),
        "huge": told(b'{"keys": [], "a": "' + b"A" * 2_000_000 + b'"}'),
        "endless": endless,
        "gzip-that-is-none": Reply(b"garbage", 200, {"Content-Encoding": "gzip"}),
    }


def of_discovery(address: str) -> dict[str, Answer]:
    """Return what is wrong in a discovery document."""
    return {
        "issuer-other": discovery(address, issuer="https://other.example"),
        "issuer-slash": discovery(address, issuer=f"{address}/"),
        "issuer-list": discovery(address, issuer=[address]),
        "issuer-null": discovery(address, issuer=None),
        "jwks-null": discovery(address, jwks_uri=None),
        "jwks-number": discovery(address, jwks_uri=1),
        "jwks-relative": discovery(address, jwks_uri=KEYS),
        "jwks-file": discovery(address, jwks_uri="file:///etc/hostname"),
        "jwks-bad-address": discovery(address, jwks_uri="http://[::1"),
        "jwks-bad-port": discovery(address, jwks_uri="http://127.0.0.1:99999/"),
        "jwks-control": discovery(address, jwks_uri="http://127.0.0.1/\n\0"),
        "jwks-nobody": discovery(address, jwks_uri="http://127.0.0.1:1/"),
    }


def of_keys() -> dict[str, Answer]:
    """Return sets of keys of which none is any good."""
    public = rsa_key("other").public
    sets: dict[str, Any] = {
        "none": [],
        "null": None,
        "number": 1,
        "text": "keys",
        "texts": ["key"],
        "numbers": [1, None, []],
        "unknown-kind": [{"kty": "AKP", "kid": "other"}],
        "kind-list": [public | {"kty": ["RSA"]}],
        "algorithm-list": [public | {"alg": ["RS256"]}],
        "algorithm-none": [public | {"alg": "none"}],
        "algorithm-hash": [public | {"alg": "HS256"}],
        "encryption": [public | {"use": "enc"}],
        "signing-only": [public | {"key_ops": ["sign"]}],
        "no-modulus": [{**public, "n": None}],
        "no-base64": [public | {"n": "!"}],
        "small": [rsa_key("small", 1024).public],
        "exponent-one": [public | {"e": "AQ"}],
        "bad-point": [{"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43, "kid": "other"}],
        "bad-curve": [{"kty": "OKP", "crv": "X25519", "x": "A" * 43, "kid": "other"}],
    }
    return {f"keys-{name}": told({"keys": keys}) for name, keys in sets.items()}


def redirect(issuer: Issuer) -> Reply:
    """Answer that it is elsewhere."""
    return told(b"", 302, Location=issuer.address + ELSEWHERE)


def garbage(issuer: Issuer) -> dict[str, tuple[str, Answer]]:
    """Name everything that a provider must not answer, with the path where it does."""
    paths = (DISCOVERY, KEYS)
    found = {f"{path}-{n}": (path, a) for path in paths for n, a in on_both_paths().items()}
    found |= {name: (DISCOVERY, answer) for name, answer in of_discovery(issuer.address).items()}
    found |= {name: (KEYS, answer) for name, answer in of_keys().items()}
    return found | {f"redirect-{path}": (path, redirect(issuer)) for path in paths}
