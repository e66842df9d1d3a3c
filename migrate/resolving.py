"""Which function answers an operation: by its id, or as the resolvers of Connexion 2 say."""

from __future__ import annotations

import builtins
import re
from typing import Any

from migrate.connexion_apps import Adding
from migrate.operations import Operation, each_operation, follow, read_parameters
from migrate.source import Source

CONTROLLERS = ("x-openapi-router-controller", "x-swagger-router-controller")
RESTY = re.compile(r"^/?([\w-]*)/*(.*)$")


def read_operations(contract: dict[str, Any], adding: Adding, source: Source) -> list[Operation]:
    """Return the operations with what answered them; the contract loses what only that needed."""
    operations = []
    for method, path, item, spec in each_operation(contract):
        dotted = _dotted_name(adding, method, path, item, spec)
        module, function = _split(source, dotted)
        parameters = read_parameters(contract, item, spec)
        if adding.is_pythonic:
            for each in parameters:
                each.old = _pythonic(each.old)
        operation = Operation(method, path, spec, module, function, parameters)
        _read_form(operation)
        operation.is_text = _answers_text(contract, spec)
        operations.append(operation)
    return operations


def _dotted_name(
    adding: Adding, method: str, path: str, item: dict[str, Any], spec: dict[str, Any]
) -> str:
    controllers = [holder.get(name) for holder in (spec, item) for name in CONTROLLERS]
    controller = next((each for each in controllers if each), "")
    if operation_id := spec.get("operationId"):
        place = controller or ("" if adding.is_resty else adding.relative_to)
        return f"{place}.{operation_id}".removeprefix(".")
    resource, rest = RESTY.findall(path)[0]
    place = controller or ".".join(
        [adding.relative_to, *[resource.replace("-", "_")] * bool(resource)]
    )
    name = "search" if method == "get" and resource and not rest else method
    return f"{place}.{name}".removeprefix(".")


def _split(source: Source, dotted: str) -> tuple[str, str]:
    """Split a name into a module of the service and what is in it, if there is such a module."""
    parts = dotted.split(".")
    for size in range(len(parts) - 1, 0, -1):
        name = ".".join(parts[:size])
        known = [each for each in source.modules if f".{each}".endswith(f".{name}")]
        if len(known) == 1:
            return known[0], ".".join(parts[size:])
    return "", dotted


def _pythonic(name: str) -> str:
    """Return a name as ``pythonic_params`` of Connexion has it."""
    snake = re.sub(r"([a-z\d])([A-Z])", r"\1_\2", re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name))
    snake = snake.replace("-", "_").lower()
    return f"{snake}_" if hasattr(builtins, snake) else snake


def _read_form(operation: Operation) -> None:
    """Note the fields of a form, each of which was an argument."""
    for each in operation.parameters:
        if each.place == "body" and each.name.startswith(("application/x-www-form", "multipart/")):
            operation.fields = [*each.schema.get("properties", {})]


def _answers_text(contract: dict[str, Any], spec: dict[str, Any]) -> bool:
    """Tell whether success is something else than JSON, as the contract has it."""
    media: list[str] = []
    for status, response in spec.get("responses", {}).items():
        if status.startswith("2"):
            media += follow(contract, response).get("content", {})
    return bool(media) and not any("json" in each or "*" in each for each in media)
