"""The head of a request, as parameters are read from it: separated, but not percent-decoded."""

import re
from collections.abc import Set
from urllib.parse import quote, unquote, unquote_plus

from starlette.types import Scope

Texts = dict[str, list[str]]
# What may stand in a path as it is (RFC 3986, section 3.3).
PCHAR = "/!$&'()*+,;=:@"


def read_query(scope: Scope) -> Texts:
    """Return the values of each name in the query."""
    found: Texts = {}
    if query := scope["query_string"].decode("ascii", "replace"):
        for pair in query.split("&"):
            name, _, value = pair.partition("=")
            if pair:
                found.setdefault(unquote_plus(name), []).append(value)
    return found


def read_headers(scope: Scope, wanted: Set[bytes]) -> Texts:
    """Return the values of each wanted header, by its name in lower case."""
    found: Texts = {}
    for name, value in scope["headers"]:
        if name in wanted:
            found.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1").strip())
    return found


def read_cookies(headers: Texts) -> Texts:
    """Return the values of each cookie (RFC 6265, section 4.2.1)."""
    found: Texts = {}
    for header in headers.get("cookie", []):
        for pair in header.split(";"):
            name, separator, value = pair.strip().partition("=")
            if separator:
                quoted = len(value) > 1 and value[0] == value[-1] == '"'
                found.setdefault(name, []).append(value[1:-1] if quoted else value)
    return found


def path_pattern(template: str, wide: Set[str]) -> tuple[re.Pattern[str], list[str]]:
    """Return what takes a path apart, and the names of its parts; some may hold slashes."""
    parts = re.split(r"\{([^{}]*)\}", template)
    groups = ["(.+)" if name in wide else "([^/]+)" for name in parts[1::2]] + [""]
    texts = ("".join(map(_sent, text)) for text in parts[::2])
    return re.compile("".join(t + g for t, g in zip(texts, groups, strict=True))), parts[1::2]


def _sent(character: str) -> str:
    """Return a pattern of what a character may be sent as (RFC 3986, section 6.2.2)."""
    encoded = "".join(f"%{byte:02X}" for byte in character.encode())
    return f"(?:{re.escape(character)}|(?i:{encoded}))" if character != "/" else "/"


def raw_path(scope: Scope) -> str:
    """Return the path as it was sent, without the prefix of a proxy."""
    raw = scope.get("raw_path")
    path = raw.decode("ascii", "replace").partition("?")[0] if raw else quote(scope["path"], PCHAR)
    prefix = scope.get("root_path", "")
    parts, size = path.split("/"), prefix.count("/") + 1
    first, rest = "/".join(parts[:size]), "/".join(parts[size:])
    return f"/{rest}" if prefix and prefix in (first, unquote(first)) else path
