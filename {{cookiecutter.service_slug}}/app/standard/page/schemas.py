"""Schemas, as a form needs them: one type, and what is said of it."""

from typing import Any

from app.standard.validation import follow


def plain_schema(document: dict[str, Any], schema: Any) -> dict[str, Any]:
    """Return a schema without references and without null, and its parts as one.

    A schema of several types has none of them; what they have in common stays.
    """
    return _plain(document, schema, ())


def _plain(document: dict[str, Any], schema: Any, above: tuple[int, ...]) -> dict[str, Any]:
    behind = follow(document, schema)
    if not isinstance(behind, dict) or id(behind) in above:
        return {}
    above = (*above, id(behind))
    # OpenAPI 3.1 may say more beside a reference.
    own = {**behind, **{key: each for key, each in schema.items() if key != "$ref"}}
    found: dict[str, Any] = {}
    for part in own.pop("allOf", []):
        found |= _plain(document, part, above)
    found |= own
    for key in ("anyOf", "oneOf"):
        branches = [_plain(document, each, above) for each in found.pop(key, [])]
        kept = [each for each in branches if each.get("type") != "null"]
        if kept:
            found = {**kept[0], **found} if len(kept) == 1 else {**found, "type": "several"}
    if isinstance(kinds := found.get("type"), list):
        kinds = [kind for kind in kinds if kind != "null"]
        found["type"] = kinds[0] if len(kinds) == 1 else "several"
    if "const" in found:
        found.setdefault("enum", [found["const"]])
    return found
