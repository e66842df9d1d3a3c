"""What a discriminator chooses among (OpenAPI 3.0.3, Discriminator Object)."""

from typing import Any

from app.standard.validation.references import ContractError, follow

# What a discriminator chose, and that whose discriminator chose: neither is to choose again.
CHOSEN, CHOOSER = "chosen", "chooser"


def targets_of(document: dict[str, Any], schema: dict[str, Any], where: str) -> dict[str, str]:
    """Return the reference that each value of the property chooses; there is at least one."""
    targets = _targets(document, schema, where)
    if not targets:
        raise ContractError(f"{where}: the discriminator has nothing to choose from")
    return targets


def side_of(document: dict[str, Any], part: Any, where: str, key: str) -> str:
    """Return the side of a part of a schema: whoever inherits is not sent to the others."""
    parent = follow(document, part)
    if key != "allOf" or not isinstance(parent, dict) or "discriminator" not in parent:
        return ""
    is_heir = "$ref" in part and where in _targets(document, parent, part["$ref"]).values()
    return CHOOSER if is_heir else ""


def _targets(document: dict[str, Any], schema: dict[str, Any], where: str) -> dict[str, str]:
    mapping = schema["discriminator"].get("mapping", {})
    targets = {value: _address(target) for value, target in mapping.items()}
    listed = [each.get("$ref") for each in schema.get("oneOf", schema.get("anyOf", []))]
    if None in listed:
        raise ContractError(f"{where}: a discriminator chooses among references only")
    for reference in listed or _children(document, where):
        if reference not in targets.values():
            targets[reference.rpartition("/")[2]] = reference
    if listed and (other := [t for t in targets.values() if t not in listed]):
        raise ContractError(f"{where}: the discriminator names {other[0]}, the schema does not")
    return targets


def _address(target: str) -> str:
    return target if "/" in target else f"#/components/schemas/{target}"


def _children(document: dict[str, Any], parent: str) -> list[str]:
    schemas = document.get("components", {}).get("schemas", {})
    return [
        f"#/components/schemas/{name}"
        for name, each in schemas.items()
        if isinstance(each, dict) and {"$ref": parent} in each.get("allOf", [])
    ]
