"""What handlers read of the request."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import libcst as cst

from migrate.meanings import LOCAL, Meanings, argument, text_of
from migrate.operations import Operation, Parameter

REQUEST = re.compile(r"(?:flask|connexion)\.(?:globals\.)?request")
PLACES = {
    **{"args": "query", "query": "query", "headers": "header", "cookies": "cookie"},
    **{"match_info": "path", "view_args": "path"},
}
# The argument that says which of its operations a function answers.
METHOD = "method_"
CASTS = {"int": "integer", "float": "number", "str": "string"}


@dataclass
class Reading:
    """A part of the request that is read: where it stands, its name, and what stands for none."""

    place: str
    name: str = ""
    default: cst.BaseExpression | None = None
    cast: str = ""
    must: bool = False
    many: bool = False


@dataclass
class Handler:
    """A function that answers operations, and what it turned out to need."""

    operations: list[Operation]
    context: str = ""
    # Whether it asks which of its operations it answers.
    asks_method: bool = False
    # Defaults that stand at the arguments from now on, as code.
    defaults: dict[str, str] = field(default_factory=dict)

    def find(self, place: str, name: str) -> Parameter | None:
        """Return the parameter that all operations have which have it."""
        found = [each.find(place, name) for each in self.operations]
        return next((each for each in found if each), None)

    @property
    def body(self) -> Parameter | None:
        """Return the body, if there is one."""
        bodies = [each for op in self.operations for each in op.parameters if each.place == "body"]
        return bodies[0] if bodies else None


class Reader:
    """Tells what an expression reads of the request."""

    def __init__(self, meanings: Meanings, context: Callable[[], str]) -> None:
        self.meanings, self.context = meanings, context

    def is_request(self, node: cst.CSTNode) -> bool:
        """Tell whether an expression is the request."""
        meaning = self.meanings.of(node)
        return bool(REQUEST.fullmatch(meaning)) or bool(
            self.context() and meaning.endswith(f"{LOCAL}{self.context()}")
        )

    def _part(self, node: cst.BaseExpression) -> str:
        if isinstance(node, cst.Attribute) and self.is_request(node.value):
            return node.attr.value
        return ""

    def read(self, node: cst.BaseExpression) -> Reading | None:
        """Return what an expression reads, or None if it is no reading of the request."""
        if isinstance(node, cst.Await):
            found = self.read(node.expression)
            return found if found and found.place == "body" else None
        if isinstance(node, cst.Subscript) and len(node.slice) == 1:
            index = node.slice[0].slice
            name = text_of(index.value) if isinstance(index, cst.Index) else None
            return self._named(self._part(node.value), name, Reading("", must=True))
        if isinstance(node, cst.Attribute) and self._part(node) == "method":
            return Reading("method")
        if isinstance(node, cst.Attribute) and self._part(node) == "json":
            return Reading("body", must=True)
        if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Attribute):
            return None
        verb = node.func.attr.value
        if self.is_request(node.func.value) and verb in ("get_json", "json"):
            return Reading("body", must=argument(node, "silent") is None)
        if verb not in ("get", "getlist", "getall"):
            return None
        default = argument(node, "default", 1) if verb == "get" else None
        cast = argument(node, "type", 2 if verb == "get" else 1)
        name_of_cast = cast.value if isinstance(cast, cst.Name) else "?" if cast else ""
        reading = Reading("", default=default, cast=name_of_cast, many=verb != "get")
        return self._named(self._part(node.func.value), text_of(argument(node, "key", 0)), reading)

    def _named(self, part: str, name: str | None, reading: Reading) -> Reading | None:
        if name is None or part not in (*PLACES, "form"):
            return None
        reading.place, reading.name = PLACES.get(part, part), name
        return reading
