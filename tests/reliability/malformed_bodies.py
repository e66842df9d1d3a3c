"""Requests that are good HTTP with a bad body."""

from __future__ import annotations

import gzip
import json
from random import Random

from reliability.raw_http import Request, message

JSON_TYPE = "application/json"
FORM_TYPE = "application/x-www-form-urlencoded"
MULTIPART_TYPE = "multipart/form-data; boundary=b"
GZIP = gzip.compress(b"{}", mtime=0)
JSON_BODIES = (
    *(b"{", b"[", b'{"name"', b'{"name":}', b"{}{}", b"{'name': 1}", b'"', b"nul", b"\xff", b"\0"),
    *(b" ", b"\xef\xbb\xbf{}", '{"name": "é"}'.encode("utf-16"), b'{"name": "\xc3\x28"}'),
    *(b'{"a": "\\u00"}', b"NaN", b"-Infinity", b"[1e999]", b'{"number": -0}', b'{"number": 1e400}'),
    b'{"number": 01}',
    *(b'{"x": %s}' % (b"9" * size) for size in (19, 20, 25, 300, 4000, 5000, 100_000)),
    *(b'{"number": %s}' % (b"9" * size) for size in (19, 20, 25, 300, 4000, 5000)),
    *(b'{"x": 1e308}', b'{"x": 1e-999}', b'{"x": -9223372036854775809}'),
    *(b'{"x": 1.%s}' % (b"1" * 5000), b'{"x": "\\ud800"}', b'{"\\udfff": 1}'),
    *(b'{"x": "\xed\xa0\x80"}', b'{"x": "\\u0000"}', b'{"\\u0000": 1}'),
    *(b'{"name": "a", "name": 1}', b'{"name": 1, "name": "a"}', b'{"name": null}'),
    *(b'{"name": ["a"]}', b"null", b"true", b"1", b'""', b"[]", b"{}", b'{"": 1}'),
    b'{"node": {"node": {"number": "a"}}}',
    *(b"[" * size for size in (100, 100_000)),
    *(b'{"a":' * size + b"1" + b"}" * size for size in (63, 64, 65, 500, 5_000)),
    *(b'{"node":' * size + b"{}" + b"}" * size for size in (62, 64, 500)),
    *(b"[" * size + b"]" * size for size in (500, 50_000)),
    b'{"x": [%s1]}' % (b"1," * 20_000),
    *(b"{%s}" % b",".join(b'"%d": 1' % n for n in range(9_000)), GZIP),
    *(b'{"name": "%s"}' % (b"a" * 2_000_000), b'{"__proto__": {}, "self": 1}'),
)
FORM_BODIES = (
    *(b"name=%00", b"name=%", b"name=%zz", b"name=%ff%fe", b"name=\xff", b"=", b"&&&", b"name"),
    *(b"%00=a", b"name=a&name=b", b"number=" + b"9" * 5000, b"number=" + b"9" * 20, b"number=1e9"),
    *(b"node=a", b"node[name]=a", b"name=a;number=1", b"&".join([b"a=b"] * 2_000)),
    *(b"name=" + b"a" * 900_000, b"a" * 10_000 + b"=1", b"name=a+b%20", b"password=a"),
    *(b'{"name": "a"}', b"number=", b"number=\xd9\xa1"),
)
PART = b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\na\r\n'
MULTIPART_BODIES = (
    *(b"", b"--b", b"--b--", b"--b--\r\n", b"--c\r\n\r\n\r\n--c--", PART, PART + b"--b", PART[:-9]),
    *(b"a" * 99, PART + b"--b--\r\n", PART * 2 + b"--b--", PART * 1_500 + b"--b--"),
    PART + b"--b--trailing",
    *(
        PART.replace(b"name=", name) + b"--b--"
        for name in (b"", b"nam=", b"filename=", b"name*=utf-8''")
    ),
    *(
        PART.replace(b'"name"', name) + b"--b--"
        for name in (b'"', b"", b'"\xff"', b'"a' + b"a" * 9_000 + b'"')
    ),
    *(
        PART.replace(b"\r\n\r\na", extra) + b"--b--"
        for extra in (b"\r\nX", b"\r\n: \r\n\r\na", b"\r\n\r\n\0")
    ),
    *(PART.replace(b"form-data", b"x") + b"--b--", PART.replace(b"\r\n", b"\n") + b"--b--\n"),
    PART.replace(b"\r\n\r\n", b"\r\n" + b"X: a\r\n" * 5_000 + b"\r\n") + b"--b--",
    PART.replace(b"\r\n\r\n", b'; filename="\0/../a"\r\nContent-Type: \xff\r\n\r\n') + b"--b--",
    PART.replace(b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: base64\r\n\r\n%%%") + b"--b--",
)
CHARSETS = ("", "x", "utf-16", "utf-7", "idna", "hex", "undefined", "é", '"utf-8"')
CONTENT_TYPES = (
    *(JSON_TYPE, FORM_TYPE, MULTIPART_TYPE, "multipart/form-data"),
    *("multipart/form-data; boundary=", "multipart/form-data; boundary=" + "b" * 5_000),
    *('multipart/form-data; boundary="', "multipart/mixed", "multipart/form-data; boundary=é"),
    *(f"{MULTIPART_TYPE}; charset=x", "*/*", "text/plain", "a", "a/b/c", "", "/", ";"),
    *("application", "application/", "application/json/x", "application/problem+json"),
    *("application/JSON", "application/json;", "application/json; charset", "é"),
    "application/é+json",
    *(
        f"{media_type};{space}charset={charset}"
        for media_type in (JSON_TYPE, FORM_TYPE, MULTIPART_TYPE)
        for space in ("", " ")
        for charset in CHARSETS
    ),
)


def post(content_type: str, body: bytes) -> Request:
    """Build a request with a body, in one piece."""
    return Request(message("POST /echo", f"Content-Type: {content_type}", body=body), 1)


def spoil(random: Random, good: bytes) -> bytes:
    """Change some bytes of a good body, and cut it."""
    body = bytearray(good)
    for _ in range(random.randrange(3)):
        body[random.randrange(len(body))] = random.randrange(256)
    return bytes(body[: random.randrange(1, len(body) + 1)])


def json_body(random: Random) -> Request:
    """Send JSON that is none, or more than wanted."""
    good = json.dumps({"name": "a", "number": 1, "node": {"name": "b"}}).encode()
    return post(JSON_TYPE, random.choice((*JSON_BODIES, spoil(random, good), spoil(random, good))))


def form_body(random: Random) -> Request:
    """Send a form that is none, or more than wanted."""
    return post(FORM_TYPE, random.choice((*FORM_BODIES, spoil(random, b"name=a%20b&number=1"))))


def multipart_body(random: Random) -> Request:
    """Send parts that are none, or more than wanted."""
    return post(MULTIPART_TYPE, random.choice((*MULTIPART_BODIES, spoil(random, PART + b"--b--"))))


def chunked_body(random: Random) -> Request:
    """Send a bad body in chunks."""
    body = random.choice(JSON_BODIES)
    size = random.randrange(1, 50_000)
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    headers = (f"Content-Type: {JSON_TYPE}", "Transfer-Encoding: chunked")
    return Request(message("POST /echo", *headers) + chunks + b"0\r\n\r\n", 1)


def other_content_type(random: Random) -> Request:
    """Send a body, or none, that is not what the header says, or where none belongs."""
    line = random.choice(("POST /echo", "POST /echo", "GET /echo", "DELETE /echo", "GET /things/1"))
    body = random.choice((b"{}", b"name=a", PART + b"--b--", b"", GZIP))
    encoding = random.choice(("X: a", "Content-Encoding: gzip", "Content-Encoding: x"))
    content_type = random.choice(CONTENT_TYPES)
    return Request(message(line, f"Content-Type: {content_type}", encoding, body=body), 1)


KINDS = (json_body, json_body, form_body, multipart_body, chunked_body, other_content_type)
