"""What a schema says of the values that it takes, for whoever has to read them."""

import copy
from collections.abc import Callable, Iterator
from typing import Any, Self

from app.standard.validation.keywords import NULL

ALL_TYPES = frozenset({"null", "boolean", "object", "array", "number", "integer", "string"})


Named = Callable[[dict[str, Any]], dict[str, Any]]


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
        found = self._parts(lambda n: {"": n["items"]} if "items" in n else {}, frozenset())
        return self.part(found.get("", {}))

    def properties(self) -> dict[str, Self]:
        """Return the schemas of the properties that have a name."""
        found = self._parts(lambda node: node.get("properties", {}), frozenset())
        return {name: self.part(node) for name, node in found.items()}

    def _parts(self, named: Named, above: frozenset[int]) -> dict[str, Any]:
        """Return what a value has below it by each name: all of what must fit, any of what may."""
        nodes = [node for node in self.conjuncts() if id(node) not in above]
        found: dict[str, list[Any]] = {}
        for node in nodes:
            for name, each in named(node).items():
                found.setdefault(name, []).append(each)
        above |= {*map(id, nodes)}
        unions = [node[key] for node in nodes for key in ("anyOf", "oneOf") if key in node]
        # Of a discriminator, each branch stands for itself.
        unions.append([node["then"] for node in nodes if "then" in node])
        for branches in unions:
            options: dict[str, list[Any]] = {}
            for branch in map(self.part, branches):
                for name, each in branch._parts(named, above).items():
                    options.setdefault(name, []).append(each)
            for name, each_of in options.items():
                found.setdefault(name, []).append(_joined("anyOf", each_of))
        return {name: _joined("allOf", each_of) for name, each_of in found.items()}

    def additional(self) -> Self | None:
        """Return the schema of properties that have no name, if there may be such.

        JSON Schema lets there be any; here, only an object that names none itself has them.
        """
        key = "additionalProperties"
        found = self._parts(
            lambda n: {"": n[key]} if n.get(key, False) is not False else {}, frozenset()
        )
        if found:
            return self.part(found[""])
        nodes = self.conjuncts(branches=True)
        is_free = not any(node.keys() & {"properties", key} for node in nodes)
        return self.part({}) if is_free else None

    def default(self) -> Any:
        """Return a new copy of the default; raise ``LookupError`` where there is none."""
        for node in self.conjuncts():
            if "default" in node:
                return copy.deepcopy(node["default"])
        raise LookupError(self.where)


def _joined(keyword: str, nodes: list[Any]) -> Any:
    return nodes[0] if len(nodes) == 1 else {keyword: nodes}


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
