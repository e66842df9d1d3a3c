"""Which operation a request is for, or which route of a module's own."""

from contextvars import ContextVar
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from app.standard.contract.compiling import Operations, allowed_methods, concrete_first
from app.standard.contract.paths import is_own
from app.standard.http import ROUTE, HttpMiddleware
from app.standard.service import Application
from app.standard.validation import PCHAR, CompiledOperation

# {% if cookiecutter.framework != "fastapi" %}
# Where Connexion's middlewares look for it.
ROUTING_CONTEXT = "connexion_routing"
# {% endif %}
_operation: ContextVar[CompiledOperation | None] = ContextVar("operation", default=None)


class OwnRoutesMiddleware(HttpMiddleware):
    """Serves the modules' own routes, and leaves the rest to the contract."""

    def __init__(self, app: ASGIApp, application: Application, operations: Operations) -> None:
        super().__init__(app)
        self.operations = operations
        self.router = Router(application.routes, redirect_slashes=False, default=app)
        # Most requests are for none of them, and need no look at each.
        self.paths, self.places = _places(application.routes)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        is_own = path in self.paths or path.startswith(self.places)
        try:
            await (self.router if is_own else self.app)(scope, receive, send)
        except HTTPException as error:
            if error.status_code != 405:
                raise
            methods = {*self._methods(path, error), "OPTIONS"}
            error.headers = {"Allow": ", ".join(sorted(methods))}
            if scope["method"] != "OPTIONS":
                raise
            # RFC 9110, section 9.3.7.
            await Response(status_code=204, headers=error.headers)(scope, receive, send)

    def _methods(self, path: str, error: HTTPException) -> list[str]:
        allow = (error.headers or {}).get("Allow")
        given = allow.split(", ") if allow else []
        if is_own(self.router.routes, path, "GET"):
            # A mount names none, and has files.
            return given or ["GET", "HEAD"]
        return given or allowed_methods(self.operations, path)


def _places(routes: list[BaseRoute]) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the paths of the routes, and what those with parameters, and mounts, begin with."""
    found = [route for route in routes if isinstance(route, Route)]
    paths = {route.path for route in found if "{" not in route.path}
    places = {route.path.partition("{")[0] for route in found if "{" in route.path}
    places |= {f"{route.path}/" for route in routes if isinstance(route, Mount)}
    return frozenset(paths), tuple(places)


class ContractRoutingMiddleware(HttpMiddleware):
    """Finds the operation of a request: it is secured and validated, and no other shall run."""

    def __init__(self, app: ASGIApp, operations: Operations) -> None:
        super().__init__(app)
        self.operations = operations
        # A path without parameters comes first, whatever else would match (OpenAPI 3.0.3, Paths
        # Object): it needs no look at each operation.
        self.without_parameters = {
            (each.method, each.template): each
            for each in operations.values()
            if "{" not in each.template
        }
        self.in_order = concrete_first(operations.values())

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request; one for an address that is not in the contract is passed on."""
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        operation = self.without_parameters.get((scope["method"], path))
        if operation is None:
            operation = self._find(scope["method"], path)
        _operation.set(operation)
        # {% if cookiecutter.framework != "fastapi" %}
        routed = {"operation_id": operation and operation.operation_id, "api_base_path": ""}
        scope["extensions"][ROUTING_CONTEXT] = routed
        # {% endif %}
        if operation is not None:
            scope["extensions"][ROUTE] = operation.template
        elif methods := allowed_methods(self.operations, path):
            raise HTTPException(405, headers={"Allow": ", ".join(methods)})
        elif location := self._with_or_without_slash(scope):
            await Response(status_code=307, headers={"Location": location})(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _find(self, method: str, path: str) -> CompiledOperation | None:
        sent = quote(path, PCHAR)
        # HEAD is like GET, where the contract has nothing else (RFC 9110, section 9.3.2).
        methods = {method, "GET"} if method == "HEAD" else {method}
        fits = (o for o in self.in_order if o.method in methods and o.pattern.fullmatch(sent))
        return next(fits, None)

    def _with_or_without_slash(self, scope: Scope) -> str | None:
        prefix = scope.get("root_path", "")
        path = scope["path"].removeprefix(prefix)
        other = path.rstrip("/") if path.endswith("/") else f"{path}/"
        if not other or not allowed_methods(self.operations, other):
            return None
        query = scope["query_string"].decode("latin-1")
        return quote(prefix + other) + (f"?{query}" if query else "")


def routed_operation() -> str | None:
    """Return the operationId that the request was routed to, if it is one of the contract."""
    operation = _operation.get()
    return operation.operation_id if operation else None


def current_operation() -> CompiledOperation | None:
    """Return the operation that the request was routed to, if it is one of the contract."""
    return _operation.get()
