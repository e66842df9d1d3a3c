"""Routes in code, beside the contract: what they are, and how the served document shows them."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.openapi.utils import get_openapi

from app.standard import contract
from app.standard.service import Application
from app.standard.validation import PCHAR, CompiledOperation, ContractError

# Below these, a text is a value, whatever it looks like.
VALUES = frozenset({"const", "default", "enum", "example", "examples"})
NO_PARTS: dict[str, dict[str, Any]] = {}
INVALID = {"description": "The request is not valid", "content": {"application/problem+json": {}}}


def add_router(application: Application, router: APIRouter) -> None:
    """Serve the routes of a router, and show those that are not hidden beside the contract."""
    application.code_routes += router.routes
    described = get_openapi(title="", version="", routes=router.routes)
    paths = described.get("paths", {})
    if not paths:
        return
    for item in paths.values():
        for operation in item.values():
            if "422" in operation["responses"]:
                # What is not valid is a problem, as everywhere.
                del operation["responses"]["422"]
                operation["responses"]["400"] = INVALID
    parts = described.get("components", NO_PARTS)
    for name in ("HTTPValidationError", "ValidationError"):
        parts.get("schemas", {}).pop(name, None)
    documented = _as_of_3_1(application.contract)
    components = documented.get("components", NO_PARTS)
    kinds = {*components, *parts}
    application.documented = {
        **documented,
        "paths": documented["paths"] | paths,
        "components": {k: parts.get(k, {}) | components.get(k, {}) for k in kinds},
    }


def refuse_conflicts(application: Application, operations: Iterable[CompiledOperation]) -> None:
    """Raise ``ContractError`` for a route in code that no request reaches."""
    for route in application.code_routes:
        path = str(getattr(route, "path", ""))
        for operation in operations:
            if operation.pattern.fullmatch(quote(path, PCHAR)):
                raise ContractError(f"{path} in app/routes.py: the contract has {operation.where}")
        if contract.is_own(application.routes, path, "GET"):
            raise ContractError(f"{path} in app/routes.py: the service itself answers there")


def _as_of_3_1(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document of OpenAPI 3.0 as one of 3.1, which is what FastAPI describes."""
    if not str(document["openapi"]).startswith("3.0"):
        return document
    return {**_upgrade(document), "openapi": "3.1.0"}


def _upgrade(node: Any) -> Any:
    if isinstance(node, list):
        return [_upgrade(each) for each in node]
    if not isinstance(node, dict):
        return node
    found = {key: each if key in VALUES else _upgrade(each) for key, each in node.items()}
    if found.get("nullable") is True:
        del found["nullable"]
        if isinstance(found.get("type"), str):
            found["type"] = [found["type"], "null"]
        if "enum" in found and None not in found["enum"]:
            found["enum"] = [*found["enum"], None]
    for bound in ("minimum", "maximum"):
        exclusive = f"exclusive{bound.title()}"
        if isinstance(found.get(exclusive), bool) and found.pop(exclusive):
            found[exclusive] = found.pop(bound)
    return found
