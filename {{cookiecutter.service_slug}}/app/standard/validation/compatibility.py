"""Whether the type that a handler names takes what the contract gives."""

from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter
from pydantic.errors import PydanticUserError

from app.standard.validation.schema import Schema


@dataclass(frozen=True, slots=True)
class Given:
    """What an operation gives under the name of an argument."""

    place: str
    name: str
    schemas: tuple[Schema, ...]
    is_always_there: bool
    may_be_none: bool = False


def find_difference(given: Given, annotation: Any) -> str | None:
    """Return what the type does not take, or None; what has no JSON Schema is not compared."""
    if not given.schemas:
        return None
    try:
        wanted = TypeAdapter(annotation).json_schema()
    except PydanticUserError:
        return None
    schema = Schema(wanted, wanted.get("$defs", {}), "")
    if given.may_be_none and "null" not in schema.types():
        return "it may be None"
    found = (_difference(each, schema, set()) for each in given.schemas)
    return next(filter(None, found), None)


def _difference(given: Schema, wanted: Schema, seen: set[int]) -> str | None:
    if id(given.node) in seen or not wanted.node:
        return None
    seen.add(id(given.node))
    if others := given.types() - wanted.types():
        return f"it may be {' or '.join(sorted(others - {'integer'} or others))}"
    return (
        _difference_of_texts(given, wanted)
        or _difference_of_items(given, wanted, seen)
        or _difference_of_properties(given, wanted, seen)
    )


def _difference_of_texts(given: Schema, wanted: Schema) -> str | None:
    if "string" not in given.types():
        return None
    texts = [n for n in wanted.conjuncts(branches=True) if n.get("type") == "string"]
    formats = {node.get("format") for node in given.conjuncts()}
    if texts and all("format" in node for node in texts):
        named = {node["format"] for node in texts}
        if not named & formats and "binary" not in named:
            return f"it may be any text, and no {' or '.join(sorted(named))}"
    values = [n.get("enum", [n["const"]] if "const" in n else []) for n in texts]
    if values and all(values):
        allowed = {value for each in values for value in each}
        possible = [n["enum"] for n in given.conjuncts() if "enum" in n]
        others = {*possible[0]} - allowed - {None} if possible else {"any text"}
        return f"it may be {', '.join(sorted(map(str, others)))}" if others else None
    return None


def _difference_of_items(given: Schema, wanted: Schema, seen: set[int]) -> str | None:
    if "array" not in given.types():
        return None
    found = _difference(given.items(), wanted.items(), seen)
    return f"of its items, {found}" if found else None


def _difference_of_properties(given: Schema, wanted: Schema, seen: set[int]) -> str | None:
    objects = [n for n in wanted.conjuncts(branches=True) if "properties" in n]
    if "object" not in given.types() or len(objects) != 1:
        return None
    properties, own = wanted.properties(), given.properties()
    if missed := sorted(own.keys() - properties.keys()):
        return f"it may have {', '.join(missed)}"
    required = {name for node in given.conjuncts() for name in node.get("required", [])}
    for name in objects[0].get("required", []):
        if name not in required and not _has_default(own.get(name)):
            return f"it may lack {name}"
    for name, each in own.items():
        if found := _difference(each, properties[name], seen):
            return f"of {name}, {found}"
    return None


def _has_default(schema: Schema | None) -> bool:
    try:
        return schema is not None and (schema.default(), True)[1]
    except LookupError:
        return False
