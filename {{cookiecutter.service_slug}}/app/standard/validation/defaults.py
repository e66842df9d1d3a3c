"""The defaults of properties, filled into objects that lack them."""

import copy
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from app.standard.validation.schema import Schema

Fill = Callable[[Any], None]


def filler_of(schema: Schema) -> Fill | None:
    """Return what fills the defaults into a value that is valid, or None where there are none.

    Of ``oneOf`` and ``anyOf``, the defaults are those of a branch that a discriminator chose.
    """
    nodes = [schema.node, *schema.definitions.values()]
    return _Filler(schema, {}).fill if any(map(_has_default, nodes)) else None


def _has_default(node: Any) -> bool:
    if isinstance(node, dict):
        return "default" in node or any(map(_has_default, node.values()))
    return isinstance(node, list) and any(map(_has_default, node))


class _Filler:
    def __init__(self, schema: Schema, known: dict[int, "_Filler"]) -> None:
        known[id(schema.node)] = self
        self.defaults: dict[str, Any] = {}
        self.properties: dict[str, _Filler] = {}
        self.items: _Filler | None = None
        self.additional: _Filler | None = None
        self.cases: list[tuple[Schema, _Filler]] = []
        for node in schema.conjuncts():
            for name, each in node.get("properties", {}).items():
                self._add_property(name, schema.part(each), known)
            if "then" in node:
                then = _filler(schema.part(node["then"]), known)
                self.cases.append((schema.part(node["if"]), then))
            if "items" in node:
                self.items = _filler(schema.part(node["items"]), known)
            if "additionalProperties" in node:
                self.additional = _filler(schema.part(node["additionalProperties"]), known)

    def _add_property(self, name: str, schema: Schema, known: dict[int, "_Filler"]) -> None:
        with suppress(LookupError):
            self.defaults[name] = schema.default()
        self.properties[name] = _filler(schema, known)

    def fill(self, value: Any) -> None:
        """Fill the defaults into a value."""
        if isinstance(value, list) and self.items is not None:
            for each in value:
                self.items.fill(each)
        if not isinstance(value, dict):
            return
        for name, default in self.defaults.items():
            if name not in value:
                value[name] = copy.deepcopy(default)
        for name, each in value.items():
            if below := self.properties.get(name, self.additional):
                below.fill(each)
        for condition, case in self.cases:
            if condition.is_valid(value):
                case.fill(value)


def _filler(schema: Schema, known: dict[int, _Filler]) -> _Filler:
    return known.get(id(schema.node)) or _Filler(schema, known)
