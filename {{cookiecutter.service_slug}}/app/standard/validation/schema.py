"""A schema of the contract, compiled: it checks values."""

from functools import cached_property
from itertools import islice
from typing import Any

import orjson
from jsonschema_rs import Draft202012Validator, ValidationError

from app.standard.validation import formats
from app.standard.validation.dialect import Translator
from app.standard.validation.keywords import MAPS
from app.standard.validation.references import ContractError
from app.standard.validation.shapes import ALL_TYPES, Shape

MAX_ERRORS = 20
MASK = "the value"
SELF_EVIDENT = frozenset({"const", "enum", "format", "type"})


class Hidden:
    """The keyword of a property that has no place here (OpenAPI 3.0.3, Schema Object)."""

    def __init__(self, _schema: dict[str, Any], _value: Any, path: list[str | int]) -> None:
        self.message = "is read only" if path[-1] == "readOnly" else "is write only"

    def validate(self, _instance: Any) -> None:
        """Refuse whatever is there."""
        raise ValueError(self.message)


class Schema(Shape):
    """A schema that checks JSON values; a part of it is one, too."""

    def __init__(self, node: Any, definitions: dict[str, Any], where: str) -> None:
        super().__init__(node, definitions, where)
        self.unchecked_formats: set[str] = set()

    @cached_property
    def validator(self) -> Draft202012Validator:
        """The compiled schema; raises ``ContractError`` where it is none."""
        node, definitions = self.node, self.definitions
        whole = {**node, "$defs": definitions} if isinstance(node, dict) else node
        try:
            return Draft202012Validator(
                whole,
                formats=formats.CHECKS,
                keywords={"readOnly": Hidden, "writeOnly": Hidden},
                # A value may be a secret, and may be long.
                mask=MASK,
                validate_formats=True,
                email_options=formats.EMAIL,
            )
        except ValidationError as error:
            keyword = "/".join(map(str, error.instance_path))
            message = error.message.replace(MASK, f"{keyword} of the schema")
            raise ContractError(f"{self.where}: {message}") from None

    def is_valid(self, value: Any) -> bool:
        """Tell whether a value is as the schema wants it."""
        return self.validator.is_valid(value)

    @classmethod
    def of(
        cls,
        document: dict[str, Any],
        schema: Any,
        where: str,
        hidden: str,
        *,
        has_files: bool = False,
    ) -> "Schema":
        """Compile a schema of the document, and check the defaults that it has."""
        translator = Translator(document, hidden, has_files=has_files)
        whole = translator.translate(schema, where)
        found = cls(whole, translator.definitions, where)
        _ = found.validator
        for node in [whole, *translator.definitions.values()]:
            found._check_defaults(node, "")
        found.unchecked_formats = translator.unchecked
        return found

    def errors(self, value: Any) -> list[tuple[str, str, bool]]:
        """Return what is wrong, each with its place (RFC 6901), and whether its keyword says all."""
        if self.validator.is_valid(value):
            return []
        # Several parts of a schema may find the same.
        found = dict.fromkeys(
            (pointer(error.instance_path), _predicate(error), error.kind.name in SELF_EVIDENT)
            for error in islice(self.validator.iter_errors(value), MAX_ERRORS)
        )
        return [*found]

    def describe(self) -> str:
        """Say in a few words what is wanted."""
        for node in self.conjuncts():
            if "enum" in node:
                return "one of " + ", ".join(str(v) for v in node["enum"] if v is not None)
            if "const" in node:
                return str(node["const"])
        named = [node["format"] for node in self.conjuncts() if "format" in node]
        types = self.types()
        if types == ALL_TYPES:
            return " ".join(named[:1]) or "as the contract says"
        words = sorted(types - {"null"} - ({"integer"} if "number" in types else set()))
        return " ".join([*named[:1], " or ".join(words)])

    def _check_defaults(self, node: Any, name: str) -> None:
        if isinstance(node, list):
            for each in node:
                self._check_defaults(each, name)
        if not isinstance(node, dict):
            return
        if "default" in node and not self.part(node).is_valid(node["default"]):
            raise ContractError(f"{self.where}: a default{name} is not what its schema wants")
        for key, each in node.items():
            if key in MAPS:
                for below, part in each.items():
                    self._check_defaults(part, f" of {below}")
            elif key not in ("default", "enum", "const"):
                self._check_defaults(each, name)


def _predicate(error: ValidationError) -> str:
    """Return what is wrong as the end of a sentence whose subject is the place."""
    match error.kind.name:
        case "required":
            return f'lacks "{error.kind.value}"'
        case "additionalProperties" | "unevaluatedProperties":
            return "has what is not known: " + ", ".join(map(str, error.kind.value))
        case "falseSchema":
            return "is not allowed"
        case "not":
            return "is what it must not be"
        case "contains":
            return "does not contain what it must"
        case "const":
            return f"is not {orjson.dumps(error.kind.value).decode()}"
    return error.message.removeprefix(f"{MASK} ")


def pointer(path: list[str | int]) -> str:
    """Return the JSON Pointer (RFC 6901) of a place."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
