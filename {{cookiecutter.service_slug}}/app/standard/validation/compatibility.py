"""Whether the type that a handler names takes what the contract gives."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Any

from pydantic import TypeAdapter
from pydantic.errors import PydanticUserError

from app.standard.validation.keywords import FILE, NULL
from app.standard.validation.schema import Schema
from app.standard.validation.shapes import ALL_TYPES

# The format that pydantic gives to bytes; those of the contract that are texts have it not.
BYTES = "binary"


@dataclass(frozen=True, slots=True)
class Given:
    """What an operation gives under the name of an argument."""

    place: str
    name: str
    # One for each media type of a body.
    schemas: list[Schema]
    is_always_there: bool
    may_be_none: bool = False


def find_difference(given: Given, annotation: Any) -> str | None:
    """Return what the type does not take, or None; what has no JSON Schema is not compared."""
    try:
        wanted = TypeAdapter(annotation).json_schema()
    except PydanticUserError:
        return None
    schema = Schema(wanted, wanted.get("$defs", {}), "")
    if given.may_be_none and "null" not in schema.types():
        return "it may be None"
    return _first(_difference(each, schema, set()) for each in given.schemas)


def _difference(given: Schema, wanted: Schema, seen: set[tuple[str, str]]) -> str | None:
    pair = (str(given.node), str(wanted.node))
    if pair in seen or not wanted.node:
        return None
    seen.add(pair)
    if alternatives := _alternatives(given):
        return _first(_difference(each, wanted, seen) for each in alternatives)
    if others := _types(given) - wanted.types():
        return f"it may be {' or '.join(sorted(others - {'integer'} or others))}"
    return (
        _difference_of_values(given, wanted)
        or _difference_of_texts(given, wanted)
        or _difference_of_items(given, wanted, seen)
        or _difference_of_properties(given, wanted, seen)
    )


def _first(found: Iterable[str | None]) -> str | None:
    return next(filter(None, found), None)


def _alternatives(given: Schema) -> list[Schema]:
    """Return the branches of a schema, each with what all have in common."""
    nodes = [*given.conjuncts()]
    for key in ("anyOf", "oneOf"):
        for node in nodes:
            if key in node:
                others = [_alone(each) for each in nodes if each is not node]
                rest = [{k: v for k, v in _alone(node).items() if k != key}, *others]
                found = [given.part({"allOf": [branch, *rest]}) for branch in node[key]]
                is_nullable = "null" in given.types() and any(n.get("if") == NULL for n in nodes)
                return [*found, *([given.part(NULL)] if is_nullable else [])]
    return []


def _alone(node: dict[str, Any]) -> dict[str, Any]:
    """Return a node without what leads to others, which stand for themselves."""
    leading = {"$ref", "allOf", *(("if", "else") if node.get("if") == NULL else ())}
    return {key: value for key, value in node.items() if key not in leading}


def _types(given: Schema) -> frozenset[str]:
    # Whoever names properties means an object.
    types = given.types()
    return frozenset({"object"}) if types == ALL_TYPES and given.properties() else types


def _difference_of_values(given: Schema, wanted: Schema) -> str | None:
    """Compare the values where the type takes no others."""
    nodes = [n for n in wanted.conjuncts(branches=True) if n.get("type") != "null"]
    allowed = [_values_of(n) for n in nodes if not n.keys() & {"$ref", "allOf", "anyOf", "oneOf"}]
    if not allowed or None in allowed:
        return None
    values = {*chain.from_iterable(each or () for each in allowed)}
    possible = [each for each in map(_values_of, given.conjuncts()) if each is not None]
    if not possible:
        return "it may be " + ("any text" if "string" in given.types() else "any other")
    others = {*possible[0]} - values - {None}
    return f"it may be {', '.join(sorted(map(str, others)))}" if others else None


def _values_of(node: dict[str, Any]) -> list[Any] | None:
    values = node.get("enum", [node["const"]] if "const" in node else None)
    return None if any(isinstance(v, dict | list) for v in values or ()) else values


def _difference_of_texts(given: Schema, wanted: Schema) -> str | None:
    if "string" not in given.types():
        return None
    texts = [n for n in wanted.conjuncts(branches=True) if n.get("type") == "string"]
    own = [*given.conjuncts()]
    is_file = any(FILE in node for node in own)
    if texts and is_file != any(FILE in node for node in texts):
        return "it may be a file" if is_file else "it may be any text, and no file"
    formats = {node.get("format") for node in own}
    named = {node.get("format") for node in texts} - {"password"}
    if BYTES in formats and BYTES not in named:
        return "it is bytes"
    if named and not named & {*formats, None, BYTES}:
        return f"it may be any text, and no {' or '.join(sorted(map(str, named)))}"
    return None


def _difference_of_items(given: Schema, wanted: Schema, seen: set[tuple[str, str]]) -> str | None:
    if "array" not in given.types():
        return None
    found = _difference(given.items(), wanted.items(), seen)
    return f"of its items, {found}" if found else None


def _difference_of_properties(
    given: Schema, wanted: Schema, seen: set[tuple[str, str]]
) -> str | None:
    objects = [
        node
        for node in wanted.conjuncts(branches=True)
        if node.keys() & {"properties", "additionalProperties"}
    ]
    if "object" not in given.types() or len(objects) != 1:
        return None
    properties, others = wanted.properties(), wanted.additional()
    own = {name: each for name, each in given.properties().items() if not _is_hidden(each)}
    if others is None and (missed := sorted(own.keys() - properties.keys())):
        return f"it may have {', '.join(missed)}"
    required = {name for node in given.conjuncts() for name in node.get("required", [])}
    for name in objects[0].get("required", []):
        if name not in required and not _has_default(own.get(name)):
            return f"it may lack {name}"
    pairs = [(f"of {name}", each, properties.get(name, others)) for name, each in own.items()]
    if others is not None and (additional := given.additional()):
        pairs.append(("of others", additional, others))
    for subject, each, other in pairs:
        if other is not None and (found := _difference(each, other, seen)):
            return f"{subject}, {found}"
    return None


def _is_hidden(schema: Schema) -> bool:
    return any(node.keys() & {"readOnly", "writeOnly"} for node in schema.conjuncts())


def _has_default(schema: Schema | None) -> bool:
    return schema is not None and any("default" in node for node in schema.conjuncts())
