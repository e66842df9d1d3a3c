"""Routes in code, beside the contract: what they are, and how the served document shows them."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Host, Match, Mount, Route, WebSocketRoute
from starlette.types import Receive, Scope, Send

from app.standard import contract

# {%- if cookiecutter.use_auth +%}
from app.standard.framework.require_role import name_as_contract

# {%- endif +%}
from app.standard.http import ROUTE, HttpMiddleware
from app.standard.service import HEALTH_CONTRACT, Application
from app.standard.validation import PCHAR, CompiledOperation, ContractError

METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE")
NO_PARTS: dict[str, dict[str, Any]] = {}
INVALID = {"description": "The request is not valid", "content": {"application/problem+json": {}}}
# What FastAPI answers itself elsewhere.
SCHEMAS_OF_FASTAPI = ("HTTPValidationError", "ValidationError")
REFUSED_BY_FASTAPI = {"$ref": f"#/components/schemas/{SCHEMAS_OF_FASTAPI[0]}"}


def add_router(application: Application, router: APIRouter) -> None:
    """Serve the routes of a router, and show those that are not hidden beside the contract.

    Raises ``ContractError`` for a schema whose name the contract gives to another.
    """
    application.code_routers.append(router)
    described = get_openapi(title="", version="", routes=router.routes)
    paths = described.get("paths", {})
    if not paths:
        return
    documented = contract.as_of_3_1(application.documented)
    # {% if cookiecutter.use_auth %}
    name_as_contract(described, documented)
    # {% endif %}
    for item in paths.values():
        for operation in item.values():
            _describe_as_here(operation, documented)
        # They are at the root, wherever the contract is.
        item["servers"] = [{"url": "./"}]
    parts = described.get("components", NO_PARTS)
    for name in SCHEMAS_OF_FASTAPI:
        parts.get("schemas", {}).pop(name, None)
    components = documented.get("components", NO_PARTS)
    _refuse_other_schemas(parts.get("schemas", {}), components.get("schemas", {}))
    application.documented = {
        **documented,
        "paths": documented["paths"] | paths,
        "components": {
            kind: parts.get(kind, {}) | components.get(kind, {}) for kind in {*parts, *components}
        },
    }


def _describe_as_here(operation: dict[str, Any], document: dict[str, Any]) -> None:
    responses = operation["responses"]
    content = responses.get("422", {}).get("content", {}).values()
    if any(each.get("schema") == REFUSED_BY_FASTAPI for each in content):
        # What is not valid is a problem, as everywhere.
        del responses["422"]
        responses.setdefault("400", INVALID)
    if "security" in document:
        # What the contract says of all its operations is not said of these.
        operation.setdefault("security", [])


def _refuse_other_schemas(ours: dict[str, Any], those_of_contract: dict[str, Any]) -> None:
    there = HEALTH_CONTRACT["components"]["schemas"] | those_of_contract
    for name in ours.keys() & there.keys():
        if ours[name] != there[name]:
            raise ContractError(
                f"schema {name} in app/routes.py: the contract has another of this name; rename it"
            )


def refuse_conflicts(application: Application, operations: Iterable[CompiledOperation]) -> None:
    """Raise ``ContractError`` for a route in code that no request reaches, or anybody would."""
    for router in application.code_routers:
        for route in iter_route_contexts(router.routes):
            path = route.path or ""
            where = f"{path} in app/routes.py"
            _refuse_kind(router, route.original_route, where)
            # With a slash more or less, it would be redirected to the contract.
            places = {quote(each, PCHAR) for each in (path, path.rstrip("/"), f"{path}/")}
            for operation in operations:
                if any(map(operation.pattern.fullmatch, places)):
                    raise ContractError(f"{where}: the contract has {operation.where}")
            if contract.is_own(application.routes, path, "GET"):
                raise ContractError(f"{where}: the service itself answers there")


def _refuse_kind(router: APIRouter, route: BaseRoute, where: str) -> None:
    if isinstance(route, WebSocketRoute):
        raise ContractError(f"{where}: the server takes no WebSockets")
    is_plain = isinstance(route, Host | Mount | Route) and not isinstance(route, APIRoute)
    if is_plain and router.dependencies:
        # A token, say.
        raise ContractError(
            f"{where}: FastAPI would not ask for the dependencies of the router there; "
            "let it be of a router without"
        )


class CodeRouteMiddleware(HttpMiddleware):
    """Names the route in code that has answered, for the line of log, or what else it takes."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        try:
            await self.app(scope, receive, send)
        except HTTPException as error:
            if error.status_code == 405 and error.headers and "Allow" in error.headers:
                # The first route of a path names its own alone.
                methods = {*error.headers["Allow"].split(", "), *_methods_at(scope)}
                error.headers = {**error.headers, "Allow": ", ".join(sorted(methods))}
            raise
        finally:
            # FastAPI leaves them in the scope; below a prefix, the route lacks that.
            found = scope.get("fastapi", {}).get("effective_route_context")
            route = getattr(found, "starlette_route", None) or found or scope.get("route")
            if path := getattr(route, "path_format", None):
                scope["extensions"][ROUTE] = path


def _methods_at(scope: Scope) -> list[str]:
    """Return the methods for which there is a route in code at the path of a request."""
    routes = [route for route in scope["app"].routes if not isinstance(route, Host | Mount)]
    return [
        method
        for method in METHODS
        if any(route.matches({**scope, "method": method})[0] is Match.FULL for route in routes)
    ]
