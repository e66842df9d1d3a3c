"""What a discriminator chooses among (OpenAPI 3.0.3, Discriminator Object)."""

from typing import Any

from app.standard.validation.references import ContractError, follow

# That whose discriminator chose is not to choose again.
CHOOSER = "chooser"


def chosen_by(schema: dict[str, Any]) -> str:
    """Return the side of what a discriminator chooses: it may choose by another property."""
    return f"chosen by {schema['discriminator'].get('propertyName')}"


def targets_of(document: dict[str, Any], schema: dict[str, Any], where: str) -> dict[str, str]:
    """Return the reference that each value of the property chooses; there is at least one."""
    if not isinstance(schema["discriminator"].get("propertyName"), str):
        raise ContractError(f"{where}: the discriminator has no propertyName")
    targets = _targets(document, schema, where)
    if not targets:
        raise ContractError(f"{where}: the discriminator has nothing to choose from")
    return targets


def side_of(document: dict[str, Any], part: Any, where: str, key: str) -> str:
    """Return the side of a part of a schema: whoever inherits is not sent to the others."""
    parent = follow(document, part)
    if key != "allOf" or not isinstance(parent, dict) or "discriminator" not in parent:
        return ""
    if "$ref" not in part:
        return ""
    targets = _targets(document, parent, part["$ref"]).values()
    # An heir may have its parent within an allOf of its own.
    is_heir = any(where == each or where.startswith(f"{each}/allOf/") for each in targets)
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
    """Return the references of those that inherit, and of those that inherit from them."""
    schemas = document.get("components", {}).get("schemas", {})
    found = [parent]
    for each in found:
        found += [
            heir
            for name, schema in schemas.items()
            if isinstance(schema, dict)
            and {"$ref": each} in schema.get("allOf", [])
            and (heir := f"#/components/schemas/{name}") not in found
        ]
    return found[1:]
