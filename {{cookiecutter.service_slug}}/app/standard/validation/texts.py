"""Texts of a request as the JSON values that the contract says they are."""

import math
import re
from collections.abc import Mapping
from typing import Any

from app.standard.validation.references import ContractError
from app.standard.validation.schema import Schema
from app.standard.validation.shapes import ALL_TYPES

# RFC 8259, section 6.
INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
BOOLEANS = {"true": True, "false": False}
# What writers of JSON, and most that store numbers, take.
INTEGERS = range(-(2**63), 2**63)
LONGEST_INTEGER = 20
SCALARS = frozenset({"boolean", "integer", "number", "string"})

# A text, or what was nested: a list, or an object.
Raw = Any


class NotReadable(ValueError):
    """A text cannot be what the contract says; the message says why."""


class TextReader:
    """Reads the texts that a schema is for: one, a list of them, or an object."""

    def __init__(self, schema: Schema, known: "dict[str, TextReader] | None" = None) -> None:
        self.schema = schema
        known = {} if known is None else known
        known[str(schema.node)] = self
        types = schema.types()
        # What may be anything is the text that came.
        self.types = frozenset({"string"}) if types >= ALL_TYPES - {"null"} else types
        self.shape = self._shape()
        self.is_plain_text = self.types & SCALARS == {"string"}
        if self.shape == "array":
            self.items = _reader(schema.items(), known)
        if self.shape == "object":
            named = schema.properties().items()
            self.properties = {name: _reader(each, known) for name, each in named}
            others = schema.additional()
            self.additional = _reader(others, known) if others else None

    def below(self) -> "list[TextReader]":
        """Return the readers of what is in a list or an object."""
        if self.shape == "array":
            return [self.items]
        if self.shape == "object":
            named = [*self.properties.values()]
            return named if self.additional is None else [*named, self.additional]
        return []

    def _shape(self) -> str:
        shapes = [kind for kind in ("array", "object") if kind in self.types]
        if len(shapes) > 1 or (shapes and self.types & SCALARS):
            wanted = " or ".join(sorted(self.types))
            raise ContractError(f"{self.schema.where}: a text cannot tell whether it is {wanted}")
        return shapes[0] if shapes else "scalar"

    def read(self, raw: Raw) -> Any:
        """Return the value; raise ``NotReadable`` for one that no schema can refuse."""
        if self.shape == "array":
            return [self.items.read(each) for each in (raw if isinstance(raw, list) else [raw])]
        if self.shape == "object":
            if not isinstance(raw, Mapping):
                raise NotReadable("is no object")
            return {name: self._property(name).read(each) for name, each in raw.items()}
        if isinstance(raw, list):
            raise NotReadable("is given twice")
        if not isinstance(raw, str):
            raise NotReadable("is no text")
        return raw if self.is_plain_text else self._scalar(raw)

    def _property(self, name: str) -> "TextReader":
        return self.properties.get(name) or self.additional or ANY_TEXT

    def _scalar(self, text: str) -> Any:
        found = self._candidates(text)
        if len(found) == 1:
            return found[0]
        return next((value for value in found if self.schema.is_valid(value)), found[-1])

    def _candidates(self, text: str) -> list[Any]:
        found: list[Any] = []
        if "integer" in self.types and INTEGER.fullmatch(text):
            if len(text) > LONGEST_INTEGER or int(text) not in INTEGERS:
                raise NotReadable("has an integer of more than 64 bits")
            found.append(int(text))
        if not found and "number" in self.types and NUMBER.fullmatch(text):
            found.append(float(text))
            if not math.isfinite(found[0]):
                raise NotReadable("has a number that is not finite")
        if "boolean" in self.types and text.lower() in BOOLEANS:
            found.append(BOOLEANS[text.lower()])
        return [*found, text] if "string" in self.types or not found else found


def _reader(schema: Schema, known: dict[str, TextReader]) -> TextReader:
    # A schema may contain itself.
    return known.get(str(schema.node)) or TextReader(schema, known)


ANY_TEXT = TextReader(Schema({}, {}, ""))
