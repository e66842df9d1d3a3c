"""References of the contract: JSON Reference as OpenAPI uses it (OpenAPI 3.0.3, Reference Object)."""

from typing import Any
from urllib.parse import unquote


class ContractError(ValueError):
    """The contract has what could not be served as it says; the message names the place."""


def look_up(document: dict[str, Any], reference: Any) -> Any:
    """Return what a reference into the document names; raise ``ContractError`` for nothing."""
    node: Any = document
    try:
        # "#name" is no place, but the anchor of JSON Schema.
        if reference != "#" and not str(reference).startswith("#/"):
            raise KeyError
        for part in unquote(reference[1:]).split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            node = node[int(key)] if isinstance(node, list) else node[key]
    except (KeyError, IndexError, TypeError, ValueError):
        raise ContractError(f"$ref {reference}: there is nothing") from None
    return node


def follow(document: dict[str, Any], node: Any) -> Any:
    """Return what stands behind an object that may be a reference, or one to a reference."""
    seen = set()
    while isinstance(node, dict) and isinstance(reference := node.get("$ref"), str):
        if reference in seen:
            raise ContractError(f"$ref {reference}: it leads to itself")
        seen.add(reference)
        node = look_up(document, reference)
    return node
