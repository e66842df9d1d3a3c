"""A document of OpenAPI 3.0 as one of 3.1, by which FastAPI describes its routes."""

from typing import Any

from app.standard.contract.documents import NAMED, VALUES

COMBINED = frozenset({"allOf", "anyOf", "not", "oneOf"})


def as_of_3_1(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document as one of OpenAPI 3.1, which allows the same."""
    if not str(document["openapi"]).startswith("3.0"):
        return document
    return {**_upgrade(document), "openapi": "3.1.0"}


def _upgrade(node: Any, *, named: bool = False) -> Any:
    if isinstance(node, list):
        return [_upgrade(each) for each in node]
    if not isinstance(node, dict):
        return node
    if named:
        return {name: _upgrade(each) for name, each in node.items()}
    if isinstance(node.get("$ref"), str):
        # Whatever is beside it meant nothing (OpenAPI 3.0.3, Reference Object).
        return {"$ref": node["$ref"]}
    return _as_schema(
        {
            key: each if key in VALUES else _upgrade(each, named=key in NAMED)
            for key, each in node.items()
        }
    )


def _as_schema(found: dict[str, Any]) -> dict[str, Any]:
    """Return a schema, or another object, in which none of these words stands."""
    for bound in ("minimum", "maximum"):
        exclusive = f"exclusive{bound.title()}"
        if found.pop(exclusive, False) is True and bound in found:
            found[exclusive] = found.pop(bound)
    if found.pop("nullable", False) is not True:
        return found
    if found.keys() & COMBINED:
        return {"anyOf": [found, {"type": "null"}]}
    if "type" in found:
        found["type"] = [found["type"], "null"]
    if "enum" in found:
        found["enum"] = [*found["enum"], None]
    return found
