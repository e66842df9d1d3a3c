"""A contract as the generator shall see it: plain names, one group, and bodies that it knows."""

import re
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from typing import Any, NamedTuple

from clients.contracts import Contract
from clients.refusals import Refused

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
# The style of a parameter that says none (OpenAPI 3.0.3, Parameter Object).
STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}
# The templates write all others.
UNKNOWN = {"label", "matrix"}
# What the generator reads by itself.
KNOWN = re.compile(r"text/|application/(.+\+)?json\b|application/octet-stream\b")


class Style(NamedTuple):
    """How a list stands in a request: the style, and whether its name is repeated."""

    style: str
    explode: bool


class Prepared(NamedTuple):
    """A contract, the styles by operation, place and name, and media types read as bytes.

    What is ``left_out`` is no longer in the contract.
    """

    contract: Contract
    styles: dict[tuple[str, str, str], Style]
    overrides: dict[str, str]
    left_out: list[str]


def prepare(name: str, given: Contract) -> Prepared:
    """Prepare the contract of a service; raise ``Refused`` if two operations have one name."""
    contract = deepcopy(given)
    operations = [*_operations(contract)]
    short = Counter(_last(_name(*each)) for each in operations)
    styles: dict[tuple[str, str, str], Style] = {}
    taken: dict[str, str] = {}
    overrides: dict[str, str] = {}
    left_out: list[str] = []
    for path, method, operation in operations:
        whole = _name(path, method, operation)
        chosen = _last(whole) if short[_last(whole)] == 1 else whole.replace(".", "_")
        if chosen in taken:
            raise Refused(f"{name}: {taken[chosen]} and {method} {path} have one operationId.")
        taken[chosen] = f"{method} {path}"
        operation |= {"operationId": chosen, "tags": ["operations"]}
        for parameter in _parameters(contract, contract["paths"][path], operation):
            place = parameter.get("in", "")
            style = parameter.get("style") or STYLES.get(place, "form")
            explode = parameter.get("explode", style == "form")
            styles[chosen, place, parameter.get("name", "")] = Style(style, explode)
            if style in UNKNOWN and contract["paths"][path].pop(method, None):
                left_out.append(f"{method.upper()} {path} is left out: its style is {style}")
        for response in operation.get("responses", {}).values():
            for media_type in _resolve(contract, response).get("content", {}):
                if not KNOWN.match(media_type):
                    overrides[media_type] = "application/octet-stream"
    return Prepared(contract, styles, overrides, left_out)


def _operations(contract: Contract) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in contract["paths"].items():
        for method in METHODS:
            if isinstance(operation := item.get(method), dict):
                yield path, method, operation


def _name(path: str, method: str, operation: dict[str, Any]) -> str:
    words = re.sub(r"\W+", "_", path).strip("_")
    return str(operation.get("operationId") or f"{method}_{words}")


def _last(operation_id: str) -> str:
    return operation_id.rpartition(".")[2]


def _parameters(
    contract: Contract, item: dict[str, Any], operation: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    """Yield the parameters; those of the operation win, and come last."""
    for given in [*item.get("parameters", []), *operation.get("parameters", [])]:
        yield _resolve(contract, given)


def _resolve(contract: Contract, node: dict[str, Any]) -> dict[str, Any]:
    found: Any = node
    if "$ref" in node:
        found = contract
        for part in node["$ref"].removeprefix("#/").split("/"):
            part = part.replace("~1", "/").replace("~0", "~")
            found = found.get(part, {}) if isinstance(found, dict) else {}
    return found if isinstance(found, dict) else {}
