"""What is no token at all, as it stands in the header after the scheme: makers by name."""

from __future__ import annotations

from collections.abc import Callable

from identity.issuer import Issuer
from identity.keys import claims_of, encode, header_of, pack, rsa_key, token

Make = Callable[[Issuer], bytes]


def good(issuer: Issuer) -> bytes:
    """Make a good token, to be spoilt."""
    return token(rsa_key("main"), issuer.address).encode()


def parts(issuer: Issuer) -> tuple[bytes, bytes, bytes]:
    """Make the parts of a good token."""
    header, payload, signature = good(issuer).split(b".")
    return header, payload, signature


def with_header(header: bytes) -> Make:
    """Put another header on a good token."""
    return lambda issuer: b".".join([encode(header), *parts(issuer)[1:]])


def with_signature(change: Callable[[bytes], bytes]) -> Make:
    """Change the signature of a good token."""
    return lambda issuer: b".".join([*parts(issuer)[:2], change(parts(issuer)[2])])


def encrypted(issuer: Issuer) -> bytes:
    """Make an encrypted token: five parts."""
    header = {"alg": "RSA-OAEP", "enc": "A256GCM", "kid": "main", "cty": "JWT"}
    return b".".join([pack(header), encode(bytes(256)), encode(bytes(12)), b"AAAA", b"AAAA"])


def encrypted_directly(issuer: Issuer) -> bytes:
    """Make an encrypted token that has our claims in the clear."""
    header = header_of(rsa_key("main"), alg="dir", enc="A256GCM")
    return b".".join([pack(header), b"", b"AAAA", pack(claims_of(issuer.address)), b"AAAA"])


REFUSED_SHAPES: dict[str, Make] = {
    "word": lambda _: b"hunter2",
    "dot": lambda _: b".",
    "dots": lambda _: b"..",
    "many-dots": lambda _: b"." * 10_000,
    "header-alone": lambda issuer: parts(issuer)[0],
    "two-parts": lambda issuer: b".".join(parts(issuer)[:2]),
    "no-signature": lambda issuer: b".".join(parts(issuer)[:2]) + b".",
    "no-payload": lambda issuer: b"..".join([parts(issuer)[0], parts(issuer)[2]]),
    "no-header": lambda issuer: b"." + b".".join(parts(issuer)[1:]),
    "four-parts": lambda issuer: good(issuer) + b".AAAA",
    "truncated": lambda issuer: good(issuer)[:-1],
    "truncated-by-half": lambda issuer: good(issuer)[: len(good(issuer)) // 2],
    "swapped": lambda issuer: b".".join(reversed(parts(issuer))),
    "quoted": lambda issuer: b'"' + good(issuer) + b'"',
    "two-tokens": lambda issuer: good(issuer) + b" " + good(issuer),
    "list-of-tokens": lambda issuer: good(issuer) + b", Bearer " + good(issuer),
    "space-inside": lambda issuer: b" . ".join(parts(issuer)),
    "high-bytes": lambda issuer: good(issuer) + b"\xff\xfe",
    "standard-base64": lambda _: b"+/+/.+/+/.+/+/",
    "no-base64": lambda _: b"!!!!.!!!!.!!!!",
    "signature-zero": with_signature(lambda signature: encode(bytes(256))),
    "signature-long": with_signature(lambda signature: signature + b"AAAA"),
    "signature-twice": with_signature(lambda signature: signature * 2),
    "header-no-json": with_header(b"{alg: RS256}"),
    "header-list": with_header(b'["RS256"]'),
    "header-text": with_header(b'"RS256"'),
    "header-null": with_header(b"null"),
    "header-invalid-utf-8": with_header(b'{"alg": "\xff"}'),
    "header-deep": with_header(b'{"alg":' + b"[" * 5_000 + b"]" * 5_000 + b"}"),
    "header-deep-open": with_header(b"[" * 15_000),
    "header-huge-number": with_header(b'{"alg": "RS256", "kid": ' + b"9" * 10_000 + b"}"),
    "header-1e999": with_header(b'{"alg": "RS256", "kid": 1e999}'),
    "header-nan": with_header(b'{"alg": "RS256", "kid": NaN}'),
    "header-kid-twice": with_header(b'{"alg":"RS256","kid":"main","kid":"other"}'),
    "header-alg-twice": with_header(b'{"alg":"RS256","kid":"main","alg":"none"}'),
    "jwe": encrypted,
    "jwe-direct": encrypted_directly,
    "30-kilobytes": lambda _: b"A" * 30_000,
    "30-kilobytes-of-parts": lambda _: b".".join([b"A" * 10_000] * 3),
}
