"""What is read of a token's claims (RFC 7519)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import jwt


def check_forms(claims: Mapping[str, Any]) -> None:
    """Raise ``ValueError`` for forms that the library takes and RFC 7519, section 2, does not."""
    times = [claims[name] for name in ("exp", "iat", "nbf") if name in claims]
    if any(type(value) not in (int, float) or abs(value) > 2**53 for value in times):
        raise ValueError("a time must be a number")
    # It is logged, and handlers send it.
    if not claims["sub"] or not claims["sub"].isprintable():
        raise ValueError("the subject must be a text that can be read")


def check_client(claims: Mapping[str, Any], clients: Sequence[str]) -> None:
    """Raise unless one of the clients got the token, and it is for no service that it names."""
    # A service that it names is another: ours would be checked by that name.
    if "aud" in claims or claims.get("client_id") not in clients:
        raise jwt.InvalidAudienceError("the token is of another client, or for another service")


def roles_at(path: str, claims: Mapping[str, Any]) -> Iterator[str]:
    """Give the roles of a claim: the words of a text, or the texts of a list."""
    value = _claim_at(path, claims)
    if isinstance(value, str):
        yield from value.split()
    elif isinstance(value, list):
        yield from (name for name in value if isinstance(name, str))


def _claim_at(path: str, claims: Mapping[str, Any]) -> object:
    """Return the claim of this name, which may have dots in it, or where the path leads to."""
    if path in claims:
        return claims[path]
    value: Any = claims
    for name in _steps(path):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _steps(path: str) -> list[str]:
    """Return the names that a path consists of: a JSON Pointer (RFC 6901), or joined by dots."""
    if not path.startswith("/"):
        return path.split(".")
    return [name.replace("~1", "/").replace("~0", "~") for name in path[1:].split("/")]
