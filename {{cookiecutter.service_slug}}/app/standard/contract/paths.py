"""The paths of the contract: each at one place, written as it is compared with what comes."""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote_to_bytes

from starlette.routing import BaseRoute, Match

from app.standard.validation import CompiledOperation, ContractError

PARAMETER = re.compile(r"(\{[^{}]*\})")
# What ends a path, separates its parts or names them, and what is refused in each address.
CANNOT_BE = re.compile(r"^//|[?#<>{}\0-\x1f\x7f]|%(?:2F|3C|3E|7B|7D|7F|[01][0-9A-F])", re.I)


def read_paths(paths: dict[str, Any]) -> dict[str, Any]:
    """Return the paths, percent-decoded.

    Raises ``ContractError`` for one that no request could be for, and for two that are one.
    """
    found: dict[str, Any] = {}
    seen: dict[str, str] = {}
    for written, item in paths.items():
        template = decoded(written)
        place = place_of(template)
        if place in seen:
            raise ContractError(f"{written}: it is the same path as {seen[place]}")
        seen[place] = written
        found[template] = item
    return found


def place_of(template: str) -> str:
    """Return what tells a path from others: names make no difference (OpenAPI 3.0.3, Paths)."""
    return PARAMETER.sub("{}", template)


def decoded(template: str) -> str:
    """Return a path, or a template of one, whose texts are percent-decoded.

    Raises ``ContractError`` for what cannot be in a path.
    """
    parts = PARAMETER.split(template)
    for index in range(0, len(parts), 2):
        if bad := CANNOT_BE.search(parts[index]):
            raise ContractError(f"{template}: a path cannot have {bad[0]!r} there")
        try:
            parts[index] = unquote_to_bytes(parts[index]).decode()
        except UnicodeDecodeError:
            raise ContractError(f"{template}: a path is percent-encoded in UTF-8") from None
    return "".join(parts)


def refuse_shadowed(operations: Iterable[CompiledOperation], routes: list[BaseRoute]) -> None:
    """Raise ``ContractError`` for an operation that no request reaches: a module answers there."""
    for operation in operations:
        # A name in braces is a text like any other to a route.
        if is_own(routes, operation.template, operation.method):
            raise ContractError(f"{operation.where}: the service itself answers at this path")


def is_own(routes: list[BaseRoute], path: str, method: str) -> bool:
    """Tell whether a module answers at a path, be it that it does not know the method."""
    scope = {"type": "http", "path": path, "method": method}
    return any(route.matches(scope)[0] is not Match.NONE for route in routes)
