"""What a schema says of the values that it takes, for whoever has to read them."""

import copy
from collections.abc import Iterator
from typing import Any, Self

from app.standard.validation.keywords import NULL

ALL_TYPES = frozenset({"null", "boolean", "object", "array", "number", "integer", "string"})


class Shape:
    """A schema, translated; ``where`` names its place in messages."""

    def __init__(self, node: Any, definitions: dict[str, Any], where: str) -> None:
        self.node = node
        self.definitions = definitions
        self.where = where

    def part(self, node: Any) -> Self:
        """Return the part of the schema that a node of it is."""
        return type(self)(node, self.definitions, self.where)

    def types(self) -> frozenset[str]:
        """Return the types that a value may have."""
        return self._types(self.node)

    def _types(self, node: Any) -> frozenset[str]:
        if isinstance(node, bool):
            return ALL_TYPES if node else frozenset()
        named = node.get("type", ALL_TYPES)
        found = frozenset([named] if isinstance(named, str) else named)
        if "number" in found:
            found |= {"integer"}
        if "$ref" in node:
            found &= self._types(self._target(node))
        for each in node.get("allOf", []):
            found &= self._types(each)
        for key in ("anyOf", "oneOf"):
            if key in node:
                found &= frozenset().union(*map(self._types, node[key]))
        if node.get("if") == NULL:
            found &= self._types(node["else"]) | {"null"}
        values = node.get("enum", [node["const"]] if "const" in node else None)
        return found if values is None else found & frozenset().union(*map(_types_of, values))

    def _target(self, node: dict[str, Any]) -> Any:
        return self.definitions[node["$ref"].rpartition("/")[2]]

    def conjuncts(self, *, branches: bool = False) -> Iterator[dict[str, Any]]:
        """Give each node that a value must fit, and with ``branches`` those that it may fit."""
        waiting, seen = [self.node], set()
        while waiting:
            node = waiting.pop(0)
            if isinstance(node, bool) or id(node) in seen:
                continue
            seen.add(id(node))
            yield node
            if "$ref" in node:
                waiting.append(self._target(node))
            waiting += node.get("allOf", [])
            if node.get("if") == NULL:
                waiting.append(node["else"])
            if branches:
                waiting += [*node.get("anyOf", []), *node.get("oneOf", [])]
                waiting += [node["then"]] if "then" in node else []

    def items(self) -> Self:
        """Return the schema of the items of a list."""
        found = [n["items"] for n in self.conjuncts(branches=True) if "items" in n]
        return self.part(found[0] if found else {})

    def properties(self) -> dict[str, Self]:
        """Return the schemas of the properties that have a name."""
        found: dict[str, Any] = {}
        for node in self.conjuncts(branches=True):
            for name, each in node.get("properties", {}).items():
                found.setdefault(name, []).append(each)
        return {
            name: self.part(each[0] if len(each) == 1 else {"allOf": each})
            for name, each in found.items()
        }

    def additional(self) -> Self | None:
        """Return the schema of properties that have no name, if there may be such.

        JSON Schema lets there be any; here, only an object that names none itself has them.
        """
        nodes = [*self.conjuncts(branches=True)]
        found = [n["additionalProperties"] for n in nodes if "additionalProperties" in n]
        if not found:
            return None if any("properties" in node for node in nodes) else self.part({})
        return self.part(found[0]) if found[0] is not False else None

    def default(self) -> Any:
        """Return a new copy of the default; raise ``LookupError`` where there is none."""
        for node in self.conjuncts():
            if "default" in node:
                return copy.deepcopy(node["default"])
        raise LookupError(self.where)


def _types_of(value: Any) -> frozenset[str]:
    match value:
        case None:
            return frozenset({"null"})
        case bool():
            return frozenset({"boolean"})
        case int():
            return frozenset({"integer", "number"})
        case float():
            return frozenset({"number"})
        case str():
            return frozenset({"string"})
        case list():
            return frozenset({"array"})
    return frozenset({"object"})
