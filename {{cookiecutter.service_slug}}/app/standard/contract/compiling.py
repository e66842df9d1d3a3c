"""The operations of the contract, compiled."""

import inspect
import re
from collections.abc import Iterable
from importlib import import_module
from typing import Any, cast
from urllib.parse import quote

import structlog

from app.standard.contract.reading import METHODS, base_path
from app.standard.validation import PCHAR, CompiledOperation, ContractError, Function

logger = structlog.stdlib.get_logger(__name__)

Operations = dict[str, CompiledOperation]


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
        operation = CompiledOperation(contract, item, spec, method, template)
    except ContractError:
        raise
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise ContractError(f"{where}: it cannot be read, at {error}") from error
    operation.bind(find_handler(spec["operationId"], where))
    return operation


def find_handler(operation_id: str, where: str) -> Function:
    """Return the async function that an operationId names, or raise ``ContractError``."""
    try:
        handler = _import(operation_id)
    except (AttributeError, ImportError) as error:
        raise ContractError(f"operationId {operation_id} of {where}: {error}") from error
    if not inspect.iscoroutinefunction(handler):
        raise ContractError(f"operationId {operation_id} of {where} must be an async function")
    return cast(Function, handler)


def _import(name: str) -> object:
    """Return what a dotted name means: an attribute of a module, or of a class in one."""
    module, _, attribute = name.rpartition(".")
    if not module:
        raise ImportError("it names no module, as app.api.list_items does")
    try:
        owner: object = import_module(module)
    except ModuleNotFoundError as error:
        # What the module imports may be missing, too.
        if error.name != module or "." not in module:
            raise
        try:
            owner = _import(module)
        except AttributeError:
            raise error from None
    return getattr(owner, attribute)


def allowed_methods(operations: Operations, path: str) -> list[str]:
    """Return the methods that the contract has for this path."""
    sent = quote(path, PCHAR)
    found = {each.method for each in operations.values() if each.pattern.fullmatch(sent)}
    return sorted(found | ({"HEAD"} if "GET" in found else set()))


def concrete_first(operations: Iterable[CompiledOperation]) -> list[CompiledOperation]:
    """Return the operations in the order in which their paths match.

    A concrete path comes before a templated one (OpenAPI 3.0.3, Path Templating Matching), and
    HEAD before GET.
    """

    def rank(operation: CompiledOperation) -> list[tuple[bool, int]]:
        parts = operation.template.split("/")
        return [("{" in part, -len(re.sub(r"\{.*?\}", "", part))) for part in parts]

    return sorted(sorted(operations, key=lambda each: each.method, reverse=True), key=rank)
