"""The parameters of an operation: from the head of a request to values that have been checked."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from starlette.exceptions import HTTPException

from app.standard.validation.defaults import filler_of
from app.standard.validation.finding import Find, finder, keep_apart
from app.standard.validation.head import Texts
from app.standard.validation.json_values import load_text
from app.standard.validation.references import ContractError, follow
from app.standard.validation.schema import Schema
from app.standard.validation.texts import NotReadable, TextReader

# These are no parameters (OpenAPI 3.0.3, Parameter Object).
NO_PARAMETERS = frozenset({"accept", "authorization", "content-type"})
PLACES = ("query", "path", "header", "cookie")
ABSENT: Any = object()


class Refused(ValueError):
    """A value that the contract does not allow; the message says what it must be."""


@dataclass(eq=False)
class Parameter:
    """One parameter; ``find`` takes what is its own out of the texts that came."""

    name: str
    place: str
    is_required: bool
    schema: Schema
    find: Find
    read: Callable[[Any], Any]
    # Whether it may hold slashes, as nothing else in a path may: the format "path".
    is_wide: bool = False

    def __post_init__(self) -> None:
        self._fill = filler_of(self.schema)

    @cached_property
    def default(self) -> Any:
        """The value where none is given, or ``ABSENT``."""
        try:
            return self.schema.default()
        except LookupError:
            return ABSENT

    def value(self, texts: Texts) -> Any:
        """Return the value, the default or ``ABSENT``; raise ``Refused`` for a bad one.

        A path whose part is not of its type is no path of the contract: that is a 404.
        """
        try:
            raw = self.find.take(texts)
            if raw is None:
                return self._absent()
            found = self.read(raw)
        except NotReadable as error:
            twice = str(error) == "is given twice"
            raise Refused(str(error) if twice else f"{self._wanted()}: {error}") from None
        if errors := self.schema.errors(found):
            if self.place == "path" and found == raw and "string" not in self.schema.types():
                raise HTTPException(404)
            raise Refused("; ".join(dict.fromkeys(self._explain(*error) for error in errors)))
        if self._fill is not None:
            self._fill(found)
        return found

    def _absent(self) -> Any:
        if self.is_required:
            raise Refused("is missing")
        default = self.default
        if isinstance(default, dict | list):
            default = copy.deepcopy(default)
            if self._fill is not None:
                self._fill(default)
        return default

    def _wanted(self) -> str:
        return f"must be {self.schema.describe()}"

    def _explain(self, where: str, message: str, is_evident: bool) -> str:
        if where:
            return f"{self._wanted()}: {where} {message}"
        return self._wanted() if is_evident else f"{self._wanted()}: {message}"


def read_parameters(
    document: dict[str, Any], item: dict[str, Any], operation: dict[str, Any], where: str
) -> list[Parameter]:
    """Compile the parameters of an operation; its own override those of its path.

    Raises ``ContractError`` for what cannot be read from a request.
    """
    found: dict[tuple[str, str], Any] = {}
    for owner in (item, operation):
        for given in owner.get("parameters", []):
            spec = follow(document, given)
            if not isinstance(spec, dict) or spec.get("in") not in PLACES or "name" not in spec:
                raise ContractError(f"{where}: a parameter has a name, and is in {PLACES}")
            # Headers are the same in any case (RFC 9110, section 5.1).
            name = spec["name"].lower() if spec["in"] == "header" else spec["name"]
            found[spec["in"], name] = spec
    parameters = [
        compile_parameter(document, spec, f"{where}, {place} '{name}'", "readOnly")
        for (place, name), spec in found.items()
        if not (place == "header" and name in NO_PARAMETERS)
    ]
    keep_apart([p.find for p in parameters if p.place == "query"], f"{where}, query")
    return parameters


def compile_parameter(
    document: dict[str, Any], spec: dict[str, Any], where: str, hidden: str
) -> Parameter:
    """Compile one parameter, or a header of a response, which is as those of requests."""
    content = spec.get("content")
    read: Callable[[Any], Any]
    if content is None:
        schema = Schema.of(document, spec.get("schema", {}), where, hidden)
        reader = TextReader(schema)
        find, read = finder(spec, reader, where), reader.read
    else:
        [(media_type, described)] = content.items()
        if "json" not in media_type:
            raise ContractError(f"{where}: its content must be application/json")
        schema = Schema.of(document, described.get("schema", {}), where, hidden)
        find, read = finder({"in": spec["in"], "name": spec["name"]}, None, where), _read_json
    is_required = bool(spec.get("required", False)) or spec["in"] == "path"
    written = follow(document, spec.get("schema"))
    is_wide = isinstance(written, dict) and written.get("format") == "path"
    found = Parameter(spec["name"], spec["in"], is_required, schema, find, read, is_wide)
    if spec.get("allowEmptyValue", False):
        _check_empty(found, spec, where)
    return found


def _check_empty(parameter: Parameter, spec: dict[str, Any], where: str) -> None:
    """Refuse an empty value that is promised (``allowEmptyValue``) and would be refused.

    OpenAPI 3.0.3, Parameter Object: it is for the query, and ignored with styles that have none.
    """
    if parameter.place != "query":
        raise ContractError(f"{where}: allowEmptyValue is for the query only")
    if spec.get("style", "form") != "form":
        return
    try:
        is_taken = parameter.find.knows(parameter.name)
        parameter.value({parameter.name: [""]})
    except Refused:
        is_taken = False
    if not is_taken:
        raise ContractError(f"{where}: its schema takes no empty value, as allowEmptyValue says")


def _read_json(text: str) -> Any:
    return load_text(text.encode())
