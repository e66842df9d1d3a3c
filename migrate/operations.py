"""The operations of a contract, and the functions of the old service that answer them."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

METHODS = ("get", "put", "post", "delete", "patch", "head", "options", "trace")
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
# The template gives them to no handler.
NO_PARAMETERS = {"accept", "authorization", "content-type"}
Document = dict[str, Any]


@dataclass
class Parameter:
    """What a handler gets: under which name in the request, and as which argument."""

    place: str
    name: str
    argument: str
    schema: Document
    required: bool
    # What the old handler called it, where it got it as an argument.
    old: str


@dataclass
class Operation:
    """An operation, with the function of the old service that answers it."""

    method: str
    path: str
    spec: Document
    module: str
    function: str
    parameters: list[Parameter] = field(default_factory=list)
    # What is answered is no JSON.
    is_text: bool = False
    # What the old handler called the body, or the properties of a form.
    fields: list[str] = field(default_factory=list)

    @property
    def where(self) -> str:
        """Name it, as ``GET /pets``."""
        return f"{self.method.upper()} {self.path}"

    def find(self, place: str, name: str) -> Parameter | None:
        """Return the parameter of this name in a place."""
        for each in self.parameters:
            same = each.name.lower() == name.lower() if place == "header" else each.name == name
            if each.place == place and same:
                return each
        return None


def each_operation(contract: Document) -> Iterator[tuple[str, str, Document, Document]]:
    """Give method, path, item and operation of all that a contract has."""
    for path, item in contract.get("paths", {}).items():
        for method in METHODS:
            if isinstance(item.get(method), dict):
                yield method, path, item, item[method]


def argument_name(name: str, place: str) -> str:
    """Return the name that the template gives to the argument of a parameter."""
    if place == "header":
        name = name.lower()
    if not name.isidentifier():
        name = re.sub(r"\W+", "_", name).rstrip("_") or "_"
    if name[0].isdigit():
        name = f"_{name}"
    return f"{name}_" if keyword.iskeyword(name) else name


def read_parameters(contract: Document, item: Document, spec: Document) -> list[Parameter]:
    """Return the parameters and the body of an operation."""
    given: dict[tuple[str, str], Document] = {}
    for each in [*item.get("parameters", ()), *spec.get("parameters", ())]:
        found = follow(contract, each)
        given[found["in"], found["name"]] = found
    parameters = []
    for (place, name), each in given.items():
        if place == "header" and name.lower() in NO_PARAMETERS:
            continue
        schema = follow(contract, each.get("schema", {}))
        there = bool(each.get("required")) or "default" in schema
        parameters.append(
            Parameter(place, name, argument_name(name, place), schema, there, sanitized(name))
        )
    if "requestBody" in spec:
        body = follow(contract, spec["requestBody"])
        contents: Document = body.get("content", {})
        media = next(iter(contents), "")
        content: Document = contents.get(media, {})
        schema = follow(contract, content.get("schema", {}))
        old = body.get("x-body-name") or schema.get("x-body-name") or "body"
        required = bool(body.get("required"))
        parameters.append(Parameter("body", media, "body", schema, required, old))
    return parameters


def follow(contract: Document, node: Document) -> Document:
    """Return what a reference within the document leads to; another one leads to nothing."""
    while isinstance(node, dict) and "$ref" in node:
        reference = str(node["$ref"])
        if not reference.startswith("#/"):
            return {}
        node = contract
        for part in reference[2:].split("/"):
            node = node.get(part.replace("~1", "/").replace("~0", "~"), {})
    return node


def sanitized(name: str) -> str:
    """Return the name that Connexion 2 gives to the argument of a parameter."""
    name = re.sub(r"[^0-9a-zA-Z_]", "", re.sub(r"\[(?!])", "_", name))
    return re.sub(r"^[^a-zA-Z_]+", "", name)
