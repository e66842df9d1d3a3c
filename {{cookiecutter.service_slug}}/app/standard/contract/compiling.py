"""The operations of the contract, compiled, and what of them Connexion needs to know."""

import inspect
import itertools
import re
from typing import Any

import structlog
from connexion.exceptions import ResolverError
from connexion.http_facts import METHODS
from connexion.resolver import Resolver

from app.standard.contract.reading import base_path, concrete_first
from app.standard.validation import CompiledOperation, ContractError, Function, follow

logger = structlog.stdlib.get_logger(__name__)

Operations = dict[str, CompiledOperation]
ANSWERS = {"default": {"description": "As the contract says"}}


def compile_operations(contract: dict[str, Any]) -> Operations:
    """Compile each operation, and find its handler.

    Raises ``ContractError`` for what could not be served as the contract says.
    """
    found: Operations = {}
    base = base_path(contract)
    for template, item in contract["paths"].items():
        for method in sorted(METHODS & item.keys()):
            spec = item[method]
            found[spec["operationId"]] = _compile(contract, item, method, base + template)
    if formats := set().union(*(each.unchecked_formats() for each in found.values())):
        logger.warning("formats that are not checked", formats=sorted(formats))
    return found


def _compile(
    contract: dict[str, Any], item: dict[str, Any], method: str, template: str
) -> CompiledOperation:
    where, spec = f"{method.upper()} {template}", item[method]
    try:
        operation = CompiledOperation(contract, item, spec, template, where)
    except ContractError:
        raise
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise ContractError(f"{where}: it cannot be read, at {error}") from error
    operation.bind(find_handler(spec["operationId"], where))
    return operation


def find_handler(operation_id: str, where: str) -> Function:
    """Return the async function that an operationId names, or raise ``ContractError``."""
    try:
        handler: Function = Resolver().resolve_function_from_operation_id(operation_id)
    except ResolverError as error:
        raise ContractError(f"operationId {operation_id} of {where}: {error}") from error
    if not inspect.iscoroutinefunction(handler):
        raise ContractError(f"operationId {operation_id} of {where} must be an async function")
    return handler


def for_connexion(contract: dict[str, Any], operations: Operations) -> dict[str, Any]:
    """Return the contract with no more than Connexion needs: paths, operations and security.

    It takes no OpenAPI 3.1 (https://github.com/spec-first/connexion/pull/1951), changes what
    YAML's aliases share, and would check requests again.
    """
    schemes = contract.get("components", {}).get("securitySchemes", {}).items()
    paths: dict[str, Any] = {}
    for template, item in concrete_first(contract)["paths"].items():
        # The router takes GET for HEAD, too, and the first that it has.
        for method in sorted(METHODS & item.keys(), reverse=True):
            operation = operations[item[method]["operationId"]]
            paths.setdefault(_plain(template), {})[method] = {
                "operationId": item[method]["operationId"],
                "parameters": _in_path(operation),
                "responses": ANSWERS,
                **({"security": item[method]["security"]} if "security" in item[method] else {}),
            }
    return {
        "openapi": "3.0.3",
        "info": {"title": str(contract["info"].get("title")), "version": "1"},
        "servers": [{"url": base_path(contract) or "/"}],
        "security": contract.get("security", []),
        "components": {"securitySchemes": {k: follow(contract, v) for k, v in schemes}},
        "paths": paths,
    }


def _plain(template: str) -> str:
    """Return the path with names that each router takes; the operation reads the parts itself."""
    count = itertools.count()
    return re.sub(r"\{[^{}]*\}", lambda _: "{" + _name_in_path(next(count)) + "}", template)


def _name_in_path(index: int) -> str:
    return f"part_{index}"


def _in_path(operation: CompiledOperation) -> list[dict[str, Any]]:
    wide = {p.name for p in operation.parameters.values() if p.place == "path" and p.is_wide}
    return [
        {
            "name": _name_in_path(index),
            "in": "path",
            "required": True,
            "schema": {"type": "string"} | ({"format": "path"} if name in wide else {}),
        }
        for index, name in enumerate(operation.names_in_path)
    ]
