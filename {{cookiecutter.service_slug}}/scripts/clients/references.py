"""References that lead elsewhere than into the components, where the generator finds nothing."""

import re
from typing import Any

from clients.contracts import Contract

COMPONENTS = "#/components/"
# A schema stands at these, and in a list or a map of those; what else there is, is none.
SCHEMA = {"additionalProperties", "items", "not", "schema"}
SCHEMAS = {"allOf", "anyOf", "oneOf", "prefixItems", "properties", "schemas"}
# Below these, a key is a name that somebody chose.
NAMED = {"headers", "parameters", "requestBodies", "responses"}


def resolve(contract: Contract, node: Any) -> dict[str, Any]:
    """Return what a reference leads to, or the node if it is none."""
    found: Any = node
    if isinstance(node, dict) and isinstance(node.get("$ref"), str):
        found = contract
        for part in node["$ref"].removeprefix("#/").split("/"):
            part = part.replace("~1", "/").replace("~0", "~")
            found = found.get(part, {}) if isinstance(found, dict) else {}
    return found if isinstance(found, dict) else {}


def into_components(contract: Contract) -> Contract:
    """Return a contract whose references lead into its components, schemas and all.

    Those of a service whose contract has several files lead into ``x-files``.
    """
    components = contract.get("components") or {}
    moving = _Moving(contract, components.get("schemas") or {})
    others = {key: each for key, each in components.items() if key != "schemas"}
    paths, others = (moving.rewrite(each, "", "") for each in (contract["paths"], others))
    return contract | {"paths": paths, "components": others | {"schemas": moving.schemas}}


class _Moving:
    def __init__(self, contract: Contract, schemas: dict[str, Any]) -> None:
        self.contract = contract
        self.names = {each["$ref"]: name for name, each in schemas.items() if is_away(each)}
        self.schemas = dict.fromkeys(schemas)
        for name, each in schemas.items():
            found = resolve(contract, each) if is_away(each) else each
            self.schemas[name] = self.rewrite(found, "schemas", name)

    def rewrite(self, node: Any, parent: str, key: str) -> Any:
        """Return a copy of a node that stands at a key, and that below another one."""
        if isinstance(node, list):
            return [self.rewrite(each, key, "") for each in node]
        if not isinstance(node, dict):
            return node
        target = resolve(self.contract, node)
        if not is_away(node) or not target:
            return _split({each: self.rewrite(below, key, each) for each, below in node.items()})
        if parent in SCHEMAS or (key in SCHEMA and parent not in NAMED):
            return node | {"$ref": f"{COMPONENTS}schemas/{self.move(node['$ref'], target)}"}
        return self.rewrite(target, parent, key)

    def move(self, reference: str, schema: dict[str, Any]) -> str:
        """Return the name of a schema, which is among the components from now on."""
        if reference not in self.names:
            last = reference.rpartition("/")[2].replace("~1", "/").rpartition("/")[2]
            plain = re.sub(r"\W+", "_", re.sub(r"\.(json|ya?ml)$", "", last))
            name, number = plain, 1
            while name in self.schemas:
                number += 1
                name = f"{plain}{number}"
            self.names[reference] = name
            self.schemas[name] = None
            self.schemas[name] = self.rewrite(schema, "schemas", name)
        return self.names[reference]


def _split(node: dict[str, Any]) -> dict[str, Any]:
    """Have what stands beside a single ``allOf`` be another one: the generator would lose it."""
    own = {key: node[key] for key in ("properties", "required") if key in node}
    parts = node.get("allOf")
    if not own or not isinstance(parts, list) or len(parts) != 1:
        return node
    others = {key: each for key, each in node.items() if key not in own}
    return others | {"allOf": [*parts, {"type": "object", **own}]}


def is_away(node: Any) -> bool:
    """Tell whether a node is a reference to anything but a component."""
    reference = node.get("$ref") if isinstance(node, dict) else None
    return isinstance(reference, str) and not reference.startswith(COMPONENTS)
