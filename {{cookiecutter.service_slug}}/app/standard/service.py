"""The service under construction: the standard modules add to it, and it becomes the app."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from connexion.apps.abstract import AbstractApp
from connexion.exceptions import ResolverError
from connexion.middleware.context import ContextMiddleware
from connexion.middleware.lifespan import LifespanMiddleware
from connexion.middleware.request_validation import RequestValidationMiddleware
from connexion.middleware.routing import RoutingMiddleware
from connexion.middleware.security import SecurityMiddleware
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from app.standard.errors import ProblemMiddleware
from app.standard.handlers import Adapter, HandlerResolver, RoutedMiddleware
from app.standard.limits import LimitsMiddleware
from app.standard.request_log import RequestLogMiddleware
from app.standard.security_headers import SecurityHeadersMiddleware
from app.standard.settings import ServiceSettings
from app.standard.spec import SpecError, allowed_methods, concrete_first, operations
from app.standard.validation import VALIDATORS

Middleware = Callable[[ASGIApp], ASGIApp]
Lifespan = Callable[[], AbstractAsyncContextManager[None]]
# It raises where the service is not ready, and may return what there is to tell.
ReadinessCheck = Callable[[], Awaitable[Mapping[str, object] | None]]
T = TypeVar("T")
S = TypeVar("S", bound=ServiceSettings)

_current: ContextVar["Service"] = ContextVar("service")


@dataclass(eq=False)
class Service:
    """What the standard modules add up to; each list of middlewares is outermost first.

    The outer middlewares see every response, problems included. Routes stand at the root,
    whatever the contract says.
    """

    settings: ServiceSettings
    spec: dict[str, Any]
    build: Callable[..., AbstractApp] = field(init=False)
    security: Middleware = SecurityMiddleware
    adapter: Adapter = field(init=False)
    outer_middlewares: list[Middleware] = field(default_factory=list)
    innermost_middlewares: list[Middleware] = field(default_factory=list)
    lifespans: list[Lifespan] = field(default_factory=list)
    routes: list[BaseRoute] = field(default_factory=list)
    readiness_checks: dict[str, ReadinessCheck] = field(default_factory=dict)
    _resources: dict[type, object] = field(default_factory=dict)

    def settings_as(self, settings_class: type[S]) -> S:
        """Return the settings as the class that the caller knows."""
        if not isinstance(self.settings, settings_class):
            raise TypeError(f"the settings of this service are not {settings_class.__name__}")
        return self.settings

    @asynccontextmanager
    async def sharing(self, resource: object) -> AsyncIterator[None]:
        """Offer a resource, such as a pool, to handlers by its type."""
        self._resources[type(resource)] = resource
        try:
            yield
        finally:
            del self._resources[type(resource)]

    def resource(self, kind: type[T]) -> T:
        """Return the shared resource of this type."""
        found = self._resources.get(kind)
        if not isinstance(found, kind):
            raise LookupError(f"no {kind.__name__}: the service is not running")
        return found

    def build_app(self) -> AbstractApp:
        """Assemble the Connexion application.

        Raises ``SpecError`` for an operation without its handler: Connexion would look for it
        when the server starts, and tell it in a traceback.
        """
        resolver = HandlerResolver(self.adapter)
        for method, template, operation in operations(self.spec):
            try:
                resolver.resolve_function_from_operation_id(operation["operationId"])
            except ResolverError as error:
                where = f"{operation['operationId']} of {method.upper()} {template}"
                raise SpecError(f"operationId {where}: {error}") from error
        app = self.build(
            "app",
            lifespan=self._lifespan,
            middlewares=self._middlewares(),
            resolver=resolver,
            strict_validation=True,
            validator_map=VALIDATORS,
        )
        app.add_api(concrete_first(self.spec))
        return app

    def _middlewares(self) -> list[Any]:
        routes = {
            operation["operationId"]: template for _, template, operation in operations(self.spec)
        }
        return [
            partial(_Bound, service=self),
            partial(RequestLogMiddleware, routes=routes),
            partial(SecurityHeadersMiddleware, settings=self.settings),
            ProblemMiddleware,
            *self.outer_middlewares,
            ProblemMiddleware,
            partial(LimitsMiddleware, settings=self.settings),
            partial(_Routes, service=self),
            RoutingMiddleware,
            RoutedMiddleware,
            self.security,
            RequestValidationMiddleware,
            LifespanMiddleware,
            ContextMiddleware,
            *self.innermost_middlewares,
        ]

    @asynccontextmanager
    async def _lifespan(self, _app: object) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for lifespan in self.lifespans:
                await stack.enter_async_context(lifespan())
            yield


class _Bound:
    """Makes the service known to everything that runs for a request."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self.app = app
        self.service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        _current.set(self.service)
        await self.app(scope, receive, send)


class _Routes:
    """Serves the modules' own routes, and leaves the rest to the contract."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self.app = app
        self.spec = service.spec
        self.router = Router(service.routes, redirect_slashes=False, default=app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        # Before Connexion adds its base path to the root path of the scope.
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        try:
            await self.router(scope, receive, send)
        except HTTPException as error:
            # Connexion knows only the first operation of the path.
            if error.status_code == 405 and (methods := allowed_methods(self.spec, path)):
                error.headers = {"Allow": ", ".join(methods)}
            raise


def current_service() -> Service:
    """Return the service that handles the current request."""
    return _current.get()
