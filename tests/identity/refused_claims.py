"""Tokens that the issuer has signed, and that are still no good: makers by name."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from identity.issuer import Issuer
from identity.keys import AUDIENCE, claims_of, forge, header_of, rsa_key

Make = Callable[[Issuer], bytes]
NOW = int(time.time())
LATER = NOW + 86_400
# More than the leeway, which is 30 seconds.
PAST, FUTURE = NOW - 60, NOW + 86_400


def signed(payload: Any) -> bytes:
    """Sign any payload with the issuer's main key."""
    return forge(rsa_key("main"), header_of(rsa_key("main")), payload)


def plain(payload: Any, issuer: Issuer) -> bytes:
    """Make a token of a payload that knows no issuer."""
    return signed(payload)


def claimed(issuer: Issuer, **claims: Any) -> bytes:
    """Make a token with changed claims; None removes."""
    return signed(claims_of(issuer.address, **claims))


def spelled(name: str, value: str, issuer: Issuer) -> bytes:
    """Make a token with a claim that is spelled so, even if it is no JSON."""
    claims = json.dumps(claims_of(issuer.address, **{name: None}))
    return signed(f'{claims[:-1]}, "{name}": {value}}}'.encode())


def from_issuer(value: Callable[[str], Any], issuer: Issuer) -> bytes:
    """Make a token with another issuer, made of the right one."""
    return claimed(issuer, iss=value(issuer.address))


ISSUERS: dict[str, Callable[[str], Any]] = {
    "other": lambda right: "http://127.0.0.1:1",
    "slash": lambda right: f"{right}/",
    "path": lambda right: f"{right}/other",
    "prefix": lambda right: right[:-1],
    "case": lambda right: right.upper(),
    "space": lambda right: f" {right}",
    "empty": lambda right: "",
    "number": lambda right: 1,
    "list": lambda right: [right],
    "object": lambda right: {right: right},
    "missing": lambda right: None,
}
AUDIENCES: dict[str, Any] = {
    "other": "other",
    "prefix": AUDIENCE[:-1],
    "longer": f"{AUDIENCE}-2",
    "case": AUDIENCE.upper(),
    "words": f"other {AUDIENCE}",
    "list": ["other", f"{AUDIENCE}-2"],
    "empty": "",
    "empty-list": [],
    "nested": [[AUDIENCE]],
    "mixed": [AUDIENCE, 1],
    "object": {AUDIENCE: True},
    "number": 1,
    "true": True,
    "missing": None,
}
# As a token spells it; those that are no JSON are what Python's parser takes.
EXPIRIES = {
    "past": str(PAST),
    "long-ago": "0",
    "negative": "-1",
    "text": f'"{LATER}"',
    "words": '"tomorrow"',
    "true": "true",
    "null": "null",
    "list": f"[{LATER}]",
    "object": "{}",
    "nan": "NaN",
    "infinity": "Infinity",
    "minus-infinity": "-Infinity",
    "1e999": "1e999",
    "huge": "1" + "0" * 400,
    "too-many-digits": "1" + "0" * 5000,
    "2-to-the-64": str(2**64),
    "twice": f'{LATER}, "exp": {PAST}',
}
STARTS = {
    "future": str(FUTURE),
    "text": f'"{PAST}"',
    "words": '"yesterday"',
    "true": "true",
    "null": "null",
    "list": f"[{PAST}]",
    "nan": "NaN",
    "infinity": "Infinity",
    "minus-1e999": "-1e999",
    "huge": "1" + "0" * 400,
}
SUBJECTS = {
    "null": "null",
    "number": "1",
    "true": "true",
    "list": '["ann"]',
    "object": "{}",
    "empty": '""',
    "new-line": r'"ann\nbob"',
    "nul": r'"ann\u0000"',
    "surrogate": r'"\ud800"',
    "right-to-left": r'"ann\u202e"',
}
TYPES = {"id": "ID", "refresh": "Refresh", "offline": "Offline", "dpop": "DPoP", "number": 1}
PAYLOADS: dict[str, Any] = {
    "list": [{"sub": "ann"}],
    "text": "ann",
    "number": 1,
    "null": None,
    "empty": b"",
    "no-json": b"{sub: ann}",
    "open": b'{"sub": "ann"',
    "invalid-utf-8": b'{"sub": "\xff"}',
    "nul": b'{"sub": "ann"}\0',
    "two": b'{"sub": "ann"}{"sub": "bob"}',
    "deep": b'{"a":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    "deep-open": b"[" * 15_000,
}
REFUSED_CLAIMS: dict[str, Make] = {
    **{f"iss-{name}": partial(from_issuer, value) for name, value in ISSUERS.items()},
    **{f"aud-{name}": partial(claimed, aud=value) for name, value in AUDIENCES.items()},
    **{f"exp-{name}": partial(spelled, "exp", value) for name, value in EXPIRIES.items()},
    **{f"nbf-{name}": partial(spelled, "nbf", value) for name, value in STARTS.items()},
    **{f"iat-{name}": partial(spelled, "iat", value) for name, value in STARTS.items()},
    **{f"sub-{name}": partial(spelled, "sub", value) for name, value in SUBJECTS.items()},
    "exp-missing": partial(claimed, exp=None),
    "sub-missing": partial(claimed, sub=None),
    **{f"claim-typ-{name}": partial(claimed, typ=value) for name, value in TYPES.items()},
    "jti-number": partial(claimed, jti=1),
    **{f"payload-{name}": partial(plain, payload) for name, payload in PAYLOADS.items()},
}
