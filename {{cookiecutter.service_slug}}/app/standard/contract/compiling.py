"""The operations of the contract, compiled, and what of them Connexion needs to know."""

import inspect
import re
from typing import Any

import structlog
from connexion.exceptions import ResolverError
from connexion.http_facts import METHODS
from connexion.resolver import Resolver

from app.standard.contract.reading import base_path, concrete_first
from app.standard.validation import CompiledOperation, ContractError, Function

logger = structlog.stdlib.get_logger(__name__)

Operations = dict[str, CompiledOperation]
ANSWERS = {"default": {"description": "As the contract says"}}


def compile_operations(contract: dict[str, Any], *, with_responses: bool) -> Operations:
    """Compile each operation, and find its handler; the responses are for who checks them.

    Raises ``ContractError`` for what could not be served as the contract says.
    """
    found: Operations = {}
    base = base_path(contract)
    for template, item in contract["paths"].items():
        for method in METHODS & item.keys():
            spec = item[method]
            found[spec["operationId"]] = _compile(contract, item, method, base + template)
    for operation in found.values() if with_responses else ():
        _ = operation.responses
    if formats := set().union(*(each.unchecked_formats() for each in found.values())):
        logger.warning("formats that are not checked", formats=sorted(formats))
    return found


def _compile(
    contract: dict[str, Any], item: dict[str, Any], method: str, template: str
) -> CompiledOperation:
    where, spec = f"{method.upper()} {template}", item[method]
    try:
        operation = CompiledOperation(contract, item, spec, template, where)
    except (AttributeError, KeyError, TypeError) as error:
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
    schemes = contract.get("components", {}).get("securitySchemes", {})
    paths: dict[str, Any] = {}
    for template, item in concrete_first(contract)["paths"].items():
        for method in METHODS & item.keys():
            operation = operations[item[method]["operationId"]]
            paths.setdefault(_plain(template, operation), {})[method] = {
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
        "components": {"securitySchemes": schemes},
        "paths": paths,
    }


def _plain(template: str, operation: CompiledOperation) -> str:
    names = {parameter.name: name for name, parameter in operation.parameters.items()}
    return re.sub(r"\{([^{}]*)\}", lambda found: "{" + names[found[1]] + "}", template)


def _in_path(operation: CompiledOperation) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string"} | ({"format": "path"} if parameter.is_wide else {}),
        }
        for name, parameter in operation.parameters.items()
        if parameter.place == "path"
    ]
