"""A contract as the generator shall see it: plain names, one group, and bodies that it knows."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from openapi_python_client.strings import PythonIdentifier

from clients.contracts import Contract
from clients.references import into_components, resolve
from clients.refusals import twins

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
# The style of a parameter that says none (OpenAPI 3.0.3, Parameter Object).
STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}
# The templates write all others.
UNKNOWN = {"label", "matrix"}
# What the generator writes by itself, and reads.
SENT = re.compile(
    r"application/((.+\+)?json|octet-stream|x-www-form-urlencoded)\b|multipart/form-data\b"
)
KNOWN = re.compile(r"text/|application/(.+\+)?json\b|application/octet-stream\b")


class Style(NamedTuple):
    """How a list stands in a request: the style, and whether its name is repeated."""

    style: str
    explode: bool


class Prepared(NamedTuple):
    """A contract, the styles by operation, place and name, and media types of bytes.

    What is ``left_out`` is no longer in the contract.
    """

    contract: Contract
    styles: dict[tuple[str, str, str], Style]
    overrides: dict[str, str]
    left_out: list[str]


def prepare(name: str, given: Contract, prefix: str) -> Prepared:
    """Prepare the contract of a service; raise ``Refused`` if two operations have one name.

    The prefix is for names that Python cannot have.
    """
    # An extension may be anything.
    paths = {path: item for path, item in given["paths"].items() if not path.startswith("x-")}
    contract = into_components(given | {"paths": paths})
    styles: dict[tuple[str, str, str], Style] = {}
    overrides: dict[str, str] = {}
    left_out: list[str] = []
    for chosen, path, method, operation in _named(name, contract, prefix):
        operation |= {"operationId": chosen, "tags": ["operations"]}
        for parameter in _parameters(contract, contract["paths"][path], operation):
            place = parameter.get("in", "")
            style = parameter.get("style") or STYLES.get(place, "form")
            explode = parameter.get("explode", style == "form")
            styles[chosen, place, parameter.get("name", "")] = Style(style, explode)
            if style in UNKNOWN and contract["paths"][path].pop(method, None):
                left_out.append(f"{method.upper()} {path} is left out: its style is {style}")
            elif "content" in parameter:
                left_out.append(_without(contract["paths"][path], path, method, parameter))
        for media_type in _plain(contract, operation):
            overrides[media_type] = "application/octet-stream"
    return Prepared(contract, styles, overrides, left_out)


def _plain(contract: Contract, operation: dict[str, Any]) -> Iterator[str]:
    """Yield the media types of texts and bytes that the generator does not know."""
    body = resolve(contract, operation.get("requestBody"))
    for media_type, each in body.get("content", {}).items():
        schema = resolve(contract, each.get("schema"))
        if schema.get("type") == "string" and not SENT.match(media_type):
            yield media_type
    for response in operation.get("responses", {}).values():
        for media_type in resolve(contract, response).get("content", {}):
            if not KNOWN.match(media_type):
                yield media_type


def _without(item: dict[str, Any], path: str, method: str, parameter: dict[str, Any]) -> str:
    """Leave out what needs a parameter that the generator does not know; return what to tell."""
    told = f"{method.upper()} {path}"
    why = f"{parameter['name']}, which has content in place of a schema"
    if parameter.get("required"):
        item.pop(method, None)
        return f"{told} is left out: it needs {why}"
    return f"{told} cannot be sent {why}"


def _named(
    name: str, contract: Contract, prefix: str
) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Yield the operations, with a name for each; raise ``Refused`` if two would have one."""
    operations = [*_operations(contract)]
    short = Counter(_function(_last(_name(*each)), prefix) for each in operations)
    taken: dict[str, str] = {}
    for path, method, operation in operations:
        whole = _name(path, method, operation)
        chosen = _function(_last(whole), prefix)
        if short[chosen] > 1:
            chosen = _function(whole.replace(".", "_"), prefix)
        if chosen in taken:
            raise twins(name, taken[chosen], f"{method} {path}", chosen)
        taken[chosen] = f"{method} {path}"
        yield chosen, path, method, operation


def _operations(contract: Contract) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in contract["paths"].items():
        for method in METHODS:
            operation = item.get(method) if isinstance(item, dict) else None
            if isinstance(operation, dict):
                yield path, method, operation


def _name(path: str, method: str, operation: dict[str, Any]) -> str:
    words = re.sub(r"\W+", "_", path).strip("_")
    return str(operation.get("operationId") or f"{method}_{words}")


def _last(operation_id: str) -> str:
    return operation_id.rpartition(".")[2]


def _function(name: str, prefix: str) -> str:
    # As the generator would have it: getItem is get_item, and import is import_.
    return str(PythonIdentifier(name, prefix))


def _parameters(
    contract: Contract, item: dict[str, Any], operation: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    """Yield the parameters; those of the operation win, and come last."""
    for given in [*item.get("parameters", []), *operation.get("parameters", [])]:
        yield resolve(contract, given)
