"""Which operation a request is for, or which route of a module's own."""

from contextvars import ContextVar

from connexion.middleware.abstract import ROUTING_CONTEXT
from starlette.exceptions import HTTPException
from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from app.standard.contract.reading import allowed_methods, operations
from app.standard.http import ROUTE, HttpMiddleware
from app.standard.service import Application

_operation_id: ContextVar[str | None] = ContextVar("operation_id", default=None)


class OwnRoutesMiddleware(HttpMiddleware):
    """Serves the modules' own routes, and leaves the rest to the contract."""

    def __init__(self, app: ASGIApp, application: Application) -> None:
        super().__init__(app)
        self.contract = application.contract
        self.router = Router(application.routes, redirect_slashes=False, default=app)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        # Before Connexion adds its base path to the root path of the scope.
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        try:
            await self.router(scope, receive, send)
        except HTTPException as error:
            # Connexion knows only the first operation of the path.
            if error.status_code == 405 and (methods := allowed_methods(self.contract, path)):
                error.headers = {"Allow": ", ".join(methods)}
            raise


class RoutedOperationMiddleware(HttpMiddleware):
    """Remembers the operation that is secured and validated: no other handler shall run."""

    def __init__(self, app: ASGIApp, application: Application) -> None:
        super().__init__(app)
        self.templates = {
            operation["operationId"]: template
            for _, template, operation in operations(application.contract)
        }

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        found = scope["extensions"].get(ROUTING_CONTEXT, {}).get("operation_id")
        scope["extensions"][ROUTE] = self.templates.get(found)
        _operation_id.set(found)
        await self.app(scope, receive, send)


def routed_operation() -> str | None:
    """Return the operationId that the request was routed to, if it is one of the contract."""
    return _operation_id.get()
