"""Schemas of OpenAPI 3.0 and 3.1 as JSON Schema 2020-12, each complete in itself."""

from typing import Any

from app.standard.validation import formats
from app.standard.validation.discriminators import CHOOSER, chosen_by, side_of, targets_of
from app.standard.validation.keywords import (
    FILE,
    FORMS,
    LISTS,
    MAPS,
    NULL,
    REFUSED,
    SINCE_3_1,
    SINGLE,
    VALUES,
    WORDS,
)
from app.standard.validation.loops import refuse_loops
from app.standard.validation.references import ContractError, follow, look_up

Names = frozenset[str]


class Translator:
    """Makes one schema, and all that it refers to, a schema of JSON Schema 2020-12.

    ``hidden`` is the keyword of properties that have no place in what is checked: ``readOnly``
    for requests, ``writeOnly`` for responses. Only a form ``has_files``.
    """

    def __init__(self, document: dict[str, Any], hidden: str, *, has_files: bool = False) -> None:
        self.document = document
        self.hidden = hidden
        self.has_files = has_files
        self.is_3_0 = str(document.get("openapi", "")).startswith("3.0")
        self.definitions: dict[str, Any] = {}
        self.unchecked: set[str] = set()
        self._names: dict[tuple[str, str, Names], str] = {}

    def translate(self, schema: Any, where: str) -> dict[str, Any]:
        """Return the schema, and collect its definitions; raise ``ContractError`` where it is none."""
        translated = self._schema(schema, where)
        if isinstance(translated, bool):
            translated = {} if translated else {"not": {}}
        refuse_loops(self.definitions, {name: key[0] for key, name in self._names.items()})
        return dict(translated)

    def _reference(self, reference: str, side: str, hidden: Names) -> dict[str, Any]:
        key = (reference, side, hidden)
        if key not in self._names:
            name = self._names[key] = str(len(self._names))
            follow(self.document, {"$ref": reference})
            target = look_up(self.document, reference)
            self.definitions[name] = self._schema(target, reference, side, hidden)
        return {"$ref": f"#/$defs/{self._names[key]}"}

    def _schema(self, schema: Any, where: str, side: str = "", hidden: Names = frozenset()) -> Any:
        """Translate a schema; ``hidden`` are properties that another part of the whole hides."""
        if isinstance(schema, bool) and not self.is_3_0:
            return schema
        if not isinstance(schema, dict):
            raise ContractError(f"{where}: a schema must be an object")
        for key, kind in FORMS.items():
            if key in schema and not isinstance(schema[key], kind):
                raise ContractError(f"{where}: {key} must be {WORDS[kind]}")
        self._refuse_unknown(schema, where)
        if "$ref" in schema:
            found = self._reference(schema["$ref"], side, hidden)
            # Beside a $ref, 3.0 ignores all (OpenAPI 3.0.3, Reference Object).
            return found if self.is_3_0 else {**found, **self._keywords(schema, where, hidden)}
        if "discriminator" in schema and side not in (CHOOSER, chosen_by(schema)):
            return self._nullable(schema, self._dispatch(schema, where, hidden))
        if side == CHOOSER:
            schema = {k: v for k, v in schema.items() if k not in ("oneOf", "anyOf")}
        return self._nullable(schema, self._keywords(schema, where, hidden))

    def _refuse_unknown(self, schema: dict[str, Any], where: str) -> None:
        refused = REFUSED | SINCE_3_1 if self.is_3_0 else REFUSED
        if found := sorted(refused & schema.keys()):
            dialect = "OpenAPI 3.0" if self.is_3_0 else "a contract"
            raise ContractError(f"{where}: {found[0]} is no keyword of {dialect} here")
        if self.is_3_0 and not isinstance(schema.get("type", ""), str):
            raise ContractError(f"{where}: in OpenAPI 3.0 a type is one word")

    def _keywords(self, schema: dict[str, Any], where: str, hidden: Names) -> dict[str, Any]:
        found = {key: schema[key] for key in VALUES if key in schema}
        hidden |= self._hidden_names(schema)
        for key in MAPS:
            if key in schema:
                each = schema[key].items()
                found[key] = {k: self._schema(v, f"{where}/{key}/{k}") for k, v in each}
        for key in LISTS:
            if key in schema:
                below = hidden if key != "prefixItems" else frozenset()
                found[key] = [
                    self._schema(
                        part, f"{where}/{key}/{i}", side_of(self.document, part, where, key), below
                    )
                    for i, part in enumerate(schema[key])
                ]
        for key in SINGLE:
            if key in schema:
                value = schema[key]
                is_open = key == "additionalProperties" and isinstance(value, bool)
                found[key] = value if is_open else self._schema(value, f"{where}/{key}")
        if found.get("additionalProperties") is False:
            # Without it, jsonschema-rs does not name what is too much.
            found.setdefault("properties", {})
        self._hide(found, hidden)
        self._bounds(found)
        if self.has_files and _is_file(schema):
            # What stands for a file, while the rest is checked, is an empty text.
            return {"type": "string", FILE: True}
        self._format(found)
        return found

    def _hide(self, found: dict[str, Any], hidden: Names) -> None:
        for name in hidden & found.get("properties", {}).keys():
            found["properties"][name] = {self.hidden: True}
        if hidden and "required" in found:
            found["required"] = [name for name in found["required"] if name not in hidden]

    def _hidden_names(self, schema: Any, above: frozenset[int] = frozenset()) -> Names:
        """Return the properties that have no place in a schema, or in what it is made of."""
        if not isinstance(schema, dict) or id(schema) in above:
            return frozenset()
        above |= {id(schema)}
        properties = schema.get("properties", {}).items()
        names = frozenset(name for name, value in properties if self._is_hidden(value))
        return names.union(*(self._hidden_names(p, above) for p in self._conjuncts(schema)))

    def _is_hidden(self, schema: Any, above: frozenset[int] = frozenset()) -> bool:
        if not isinstance(schema, dict) or id(schema) in above:
            return False
        is_marked = schema.get(self.hidden) is True and not (self.is_3_0 and "$ref" in schema)
        above |= {id(schema)}
        return is_marked or any(self._is_hidden(each, above) for each in self._conjuncts(schema))

    def _conjuncts(self, schema: dict[str, Any]) -> list[Any]:
        """Return the schemas that a schema adds itself to."""
        named = [look_up(self.document, schema["$ref"])] if "$ref" in schema else []
        return [*named, *schema.get("allOf", [])]

    def _bounds(self, found: dict[str, Any]) -> None:
        for exclusive, bound in (("exclusiveMaximum", "maximum"), ("exclusiveMinimum", "minimum")):
            # A flag in 3.0, a number in 3.1.
            is_flag = isinstance(found.get(exclusive), bool)
            if is_flag and found.pop(exclusive) and bound in found:
                found[exclusive] = found.pop(bound)

    def _format(self, found: dict[str, Any]) -> None:
        name = found.get("format")
        if name in formats.BOUNDS:
            del found["format"]
            found.setdefault("allOf", []).append(formats.BOUNDS[name])
        elif name in formats.ANY_TEXT:
            del found["format"]
        elif name is not None and name not in formats.CHECKED:
            del found["format"]
            self.unchecked.add(str(name))

    def _nullable(self, schema: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
        if not (self.is_3_0 and schema.get("nullable") is True):
            return found
        if isinstance(found.get("type"), str) and not found.keys() & {*LISTS, "not"}:
            found["type"] = [found["type"], "null"]
            if "enum" in found:
                found["enum"] = [*found["enum"], None]
            return found
        return {"if": NULL, "else": found} | (
            {"default": found.pop("default")} if "default" in found else {}
        )

    def _dispatch(self, schema: dict[str, Any], where: str, hidden: Names) -> dict[str, Any]:
        """Return the schema that lets the discriminator choose, so that errors are of one branch.

        OpenAPI 3.0.3, Discriminator Object.
        """
        targets = targets_of(self.document, schema, where)
        name = schema["discriminator"]["propertyName"]
        found = self._keywords({**schema, "oneOf": [], "anyOf": []}, where, hidden)
        del found["oneOf"], found["anyOf"]
        side = chosen_by(schema)
        branches = {v: self._reference(each, side, hidden) for v, each in targets.items()}
        chooser = {"type": "string", "enum": [*branches]}
        cases = [
            {"if": {"properties": {name: {"const": value}}, "required": [name]}, "then": branch}
            for value, branch in branches.items()
        ]
        choice = {"type": "object", "required": [name], "properties": {name: chooser}}
        return {"allOf": [found, choice, *cases]}


def _is_file(schema: dict[str, Any]) -> bool:
    # OpenAPI 3.0.3, Considerations for File Uploads; 3.1.0 has the media type instead.
    is_encoded = "contentEncoding" in schema
    return schema.get("format") == "binary" or ("contentMediaType" in schema and not is_encoded)
