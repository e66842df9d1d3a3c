"""Requests that are good HTTP with bad parameters or headers."""

from __future__ import annotations

from random import Random
from urllib.parse import quote

from reliability.raw_http import Request, message

INTEGERS = (
    *(
        "",
        "-",
        "+",
        "+1",
        "-0",
        "007",
        "1.0",
        "1e3",
        "0x10",
        "1_000",
        " 1",
        "\u0661",
        "\u00bd",
        "NaN",
    ),
    *("null", "None", str(2**63 - 1), str(2**63), str(-(2**63) - 1), str(2**64), "9" * 400),
    *("-" + "9" * 4_301, "9" * 5_000, ".", "+.", "1.", ".1", "-inf", "1e999", "1e-999"),
    *("0" * 5_000, "9" * 330 + ".0", "true", "yes"),
)
DATES = (
    *("0000-00-00", "0000-01-01", "9999-12-31", "10000-01-01", "2023-02-29", "2026-1-1"),
    *(
        "20260101",
        "2026-01-01T00:00:00Z",
        "-001-01-01",
        "\u0662026-01-01",
        "",
        "today",
        "2026-W01-1",
    ),
)
TEXTS = (
    *("", "%", "%%", "%z", "%00", "a%00b", "%ff", "%c3%28", "%ed%a0%80", "%f0%9f%92%a9"),
    *("%0d%0aSet-Cookie:a=b", "%u0041", "a" * 7_000, "<script>", "'--", "%2e%2e%2f", "%25%30%30"),
    *("+", "%2B", "%e2%80%ae", "\\", "|"),
)
HEADERS = (
    *(
        f"Accept: {value}"
        for value in ("", "a", "text/html;q=x", "*/*;q=-1", ",,,", "a/b;" * 900, "\xff")
    ),
    *(
        f"Accept-Encoding: {value}"
        for value in ("", "br;q=0", "gzip;q=x", ",", "*;q=0", "\xff", "br" * 900)
    ),
    *(
        f"Range: {value}"
        for value in ("bytes=0-0", "bytes=-1", "bytes=9-1", "bytes=0-,0-,0-", "x", "\xff")
    ),
    *(
        f"Cookie: {value}"
        for value in ("", "a", "=", "a=b; a=c", ";" * 900, 'a="\\777"', "a=\xff", "$Path=/")
    ),
    *(
        f"X-Request-ID: {value}"
        for value in ("", "a b", "\xff", "a" * 9_000, "<b>", '"', "{}", "%00")
    ),
    *(
        f"X-Forwarded-For: {value}"
        for value in ("", "x", "\xff", "1.2.3.4:99999", "[::1", ",,", "a, " * 900)
    ),
    *(f"X-Forwarded-Proto: {value}" for value in ("https", "", "javascript", "wss", "\xff")),
    *("X-Forwarded-Host: a\xff", "X-Forwarded-Prefix: //a", "Forwarded: for=\xff;;", "Host: "),
    *("Origin: null", "If-None-Match: \xff", "If-Modified-Since: Thu, 99 Foo 0000", "If-Range: x"),
    *("Accept-Language: \xff", "Content-Encoding: gzip", "Authorization: Basic \xff"),
    *("Authorization: Basic =", "Authorization: ", "X-HTTP-Method-Override: DELETE"),
    *("Access-Control-Request-Method: \xff", "Date: x", "Proxy: http://a"),
)


KNOWN = ("text", "number", "day", "names", "numbers", "ratio", "flag", "id", "moment", "filter")
NAMES = (
    *KNOWN,
    *("colour", "", "text[]", "TEXT", "%74ext", "names[0]", "filter[]", "filter[number]"),
    *("filter[", "filter[number][x]", "filter[x][y]", "filter[number", "filter]"),
    *("filterx[number]", "[number]", "filter" + "[number]" * 500, "filter" + "[x]" * 1_500),
)
PATHS = ("/things/", "/things//", "//things/", "/names/", "/ratios/", "/echo/", "/ui/", "/a/", "")


def value(random: Random) -> str:
    """Give a value as it stands in an address."""
    plain = random.choice((*INTEGERS, *DATES))
    noise = quote(random.randbytes(random.randrange(9)))
    return random.choice((quote(plain), quote(plain), random.choice(TEXTS), noise))


def query(random: Random) -> Request:
    """Ask with parameters that are bad, unknown or given twice."""
    pairs = [f"{random.choice(NAMES)}={value(random)}" for _ in range(random.randrange(1, 4))]
    return Request(message(f"GET /echo?{random.choice('&&&;').join(pairs)}"), 1)


def one_query(random: Random) -> Request:
    """Ask with one known parameter that is bad."""
    return Request(message(f"GET /echo?{random.choice(KNOWN)}={value(random)}"), 1)


def path(random: Random) -> Request:
    """Ask for what the path cannot name."""
    return Request(
        message(f"GET {random.choice(PATHS)}{value(random)}{random.choice(('', '', '/', '%0A'))}"),
        1,
    )


def header(random: Random) -> Request:
    """Send headers that nobody can read."""
    headers = random.choices(HEADERS, k=random.randrange(1, 4))
    lines = [line.encode("latin-1") for line in headers]
    address = random.choice(("/echo?text=a", "/things/1", "/nowhere", "/ui/", "/healthz"))
    return Request(message(f"GET {address}", *lines), 1)


KINDS = (query, one_query, path, header)
