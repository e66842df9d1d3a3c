"""Requests that are no HTTP, hardly HTTP, or more HTTP than anybody needs."""

from __future__ import annotations

from random import Random

from reliability.raw_http import Request, head, message

HOST = b"Host: service"
GOOD = message("GET /echo?text=a")
JSON = b"Content-Type: application/json"

LINES = (
    *(b"GET", b"GET /echo", b"GET  /echo HTTP/1.1", b"GET /echo HTTP/1.1 x"),
    *(b" GET /echo HTTP/1.1", b"GET\t/echo\tHTTP/1.1", b"GET /echo http/1.1"),
    *(b"GET /echo HTTP/9.9", b"GET /echo HTTP/1.", b"GET /echo HTTP/0.9", b"GET /echo HTTP/2.0"),
    *(b"GET /echo HTTP/11", b"GET /echo HTTP/-1.1", b"GET /e\0cho HTTP/1.1"),
    *(b"G\0ET /echo HTTP/1.1", b"\0", b"GET /echo HTTP/1.1\0", b"GET /\xff\xfe HTTP/1.1"),
    *(b"GET /echo?text=\xc3\x28 HTTP/1.1", b"G\xc3\x89T /echo HTTP/1.1"),
    *(b"GET /echo?text=a b HTTP/1.1", b"GET \x7f HTTP/1.1", b"GE(T /echo HTTP/1.1", b""),
)
HEADERS = (
    *(b"Content-Length: -1", b"Content-Length: +5", b"Content-Length: 0x5", b"Content-Length: 1e3"),
    *(b"Content-Length: " + b"9" * size for size in (19, 20, 21, 5000)),
    *(b"Content-Length: 5, 6", b"Content-Length: 5\r\nContent-Length: 6", b"Content-Length:"),
    *(b"Content-Length: 5\r\nTransfer-Encoding: chunked", b"Transfer-Encoding: gzip, chunked"),
    *(b"Transfer-Encoding: identity", b"Transfer-Encoding: chunked, chunked", b"Host: other"),
    *(b"Transfer-Encoding: xchunked", b"Transfer-Encoding : chunked"),
    *(b"Transfer-Encoding: \x0bchunked", b"X : a", b": a", b" a", b"X", b"X\0: a", b"X: a\0b"),
    *(b"X: a\rb", b"X: \x7f", b"X\xff: a", b"X: " + b"a" * 70_000, b"x" * 70_000 + b": a"),
    b"X: a\r\n" * 10_000 + b"X: a",
)
CHUNKS = (
    *(b"zz\r\n", b"-1\r\n", b"+5\r\nhello\r\n", b"0x5\r\nhello\r\n", b"5_0\r\n", b"\r\n"),
    *(b" 5\r\n", b"F" * 16 + b"\r\n", b"F" * 21 + b"\r\n", b"F" * 5000, b"5;" + b"a" * 70_000),
    *(b"5;\0=\0\r\nhello\r\n", b"5\r\nhelloX", b"5\r\nhell", b"5\nhello\n0\n\n"),
    *(b"5\r\nhello\r\n0\r\n: x\r\n\r\n", b"0\r\nContent-Length: 5\r\n\r\n"),
    *(b"0\r\n" + b"X: a\r\n" * 10_000, b"0\r\nX: \0\r\n\r\n"),
)
PROTOCOLS = (
    *(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9), b"\x05\x01\x00"),
    *(b"\x16\x03\x01\x02\x00\x01\x00", b"SSH-2.0-OpenSSH_9.2\r\n"),
    *(b"\x00\x00\x00\x08\x04\xd2\x16\x2f", b"EHLO a\r\n", b"\r\n" * 5000),
    *(b"PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n" + GOOD, b"\r\n\r\n\0" + GOOD),
    b"*1\r\n$4\r\nPING\r\n",
)
METHODS = (
    *("get", "Get", "PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "QUERY", "PROPFIND", "PURGE"),
    *("CONNECT", "HEAD", "PRI", "X" * 1000, "!#$%&'*+-.^_`|~"),
)
TARGETS = (
    *("*", "service:443", "http://service/echo", "http://other/echo?text=a", "HTTP://[::1", "echo"),
    *("//echo", "/./echo", "/../echo", "/echo/", "/echo//", "/%2e%2e/%2e%2e/etc/passwd"),
    *("/echo;a=b", "/echo#a", "?", "/?", "/echo?", "/echo?&&&", "/echo?=", "/%", "/%zz", "/%00"),
    *("/%ff%fe", "/%ed%a0%80", "/ui/%2e%2e/%2e%2e/run.py", "/ui/%00", "/ui/" + "a" * 300),
    *("/healthz/", "/ui//", "/" + "a" * 9000, "/echo?text=" + "a" * 9000, "/" + "/" * 8000),
    *("/" + "%41" * 2000, "\\echo"),
)
EXTRAS = (
    *("Expect: 100-continue", "Expect: 200-ok", "Connection: upgrade\r\nUpgrade: h2c"),
    "Connection: ,",
    "HTTP2-Settings: AAMAAABk\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c",
    *("TE: trailers", "Content-Type: a\r\nContent-Type: b", "Authorization: a\r\nAuthorization: b"),
    *("Upgrade: \xe9", "Host: service", "X: \xff\xfe\xc3(", "X: a\r\n b", "X:"),
    *("X: " + "a" * 40_000, "X: a\r\n" * 150 + "X: a"),
    *("\r\n".join(f"x{number}: a" for number in range(6_000)), "Trailer: X", "Max-Forwards: 0"),
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 0",
)


def broken_line(random: Random) -> Request:
    """Spoil the first line."""
    return Request(head(random.choice(LINES), HOST))


def broken_header(random: Random) -> Request:
    """Spoil a header, before or after a good one."""
    headers = [HOST, random.choice(HEADERS)]
    random.shuffle(headers)
    return Request(head("POST /echo HTTP/1.1", *headers, JSON) + b'{"a":1}')


def broken_chunks(random: Random) -> Request:
    """Spoil a chunk of a body, or end too early."""
    start = head("POST /echo HTTP/1.1", HOST, JSON, b"Transfer-Encoding: chunked")
    good = b"2\r\n{}\r\n" * random.randrange(3)
    return Request(start + good + random.choice(CHUNKS))


def other_protocol(random: Random) -> Request:
    """Speak another protocol, or noise."""
    # So a client begins TLS.
    hello = bytes.fromhex("16030100c8010000c40303") + random.randbytes(193)
    noise = random.randbytes(random.randrange(1, 3000))
    return Request(random.choice((*PROTOCOLS, hello, noise)))


def mutated(random: Random) -> Request:
    """Change, drop or repeat some bytes of a good request."""
    data = bytearray(message("POST /echo?text=a", JSON.decode(), body=b'{"name": "a"}'))
    for _ in range(random.randrange(1, 6)):
        place = random.randrange(len(data))
        part = random.choice((b"", random.randbytes(1), bytes(data[place : place + 9]) * 2, b"\n"))
        data[place : place + random.randrange(3)] = part
    return Request(bytes(data))


def premature_end(random: Random) -> Request:
    """Leave in the middle."""
    data = message("POST /echo", JSON.decode(), "Expect: 100-continue", body=b'{"name": "a"}')
    return Request(data[: random.randrange(len(data))])


def bare_line_feeds(random: Random) -> Request:
    """Take carriage returns away."""
    return Request(b"\n".join(GOOD.split(b"\r\n", random.randrange(1, 4))))


def odd_target(random: Random) -> Request:
    """Ask for an address, or with a method, that is rare."""
    line = f"{random.choice((*METHODS, 'GET', 'GET', 'GET'))} {random.choice(TARGETS)}"
    return Request(message(line), 1)


def odd_header(random: Random) -> Request:
    """Send a header that is rare, repeated or large."""
    return Request(message("GET /echo?text=a", random.choice(EXTRAS)), 1)


def pipelined(random: Random) -> Request:
    """Send the next requests before the first is answered."""
    # Whoever asks for what is no target gets a 400, and no more answers.
    sound = [target for target in TARGETS if target.startswith("/")]
    targets = [*random.choices(sound, k=random.randrange(1, 5)), random.choice(TARGETS)]
    parts = [message(f"GET {target}") for target in targets]
    return Request(b"".join(parts), len(parts))


KINDS = (
    *(broken_line, broken_header, broken_chunks, other_protocol, mutated, premature_end),
    *(bare_line_feeds, odd_target, odd_header, pipelined),
)
