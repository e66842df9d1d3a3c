"""The service under construction: the standard modules add to it, and it becomes the app."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol, TypeVar

from connexion.apps.abstract import AbstractApp
from connexion.exceptions import ProblemException
from connexion.middleware.context import ContextMiddleware
from connexion.middleware.exceptions import ExceptionMiddleware
from connexion.middleware.lifespan import LifespanMiddleware
from connexion.middleware.request_validation import RequestValidationMiddleware
from connexion.middleware.routing import RoutingMiddleware
from connexion.middleware.security import SecurityMiddleware
from connexion.middleware.server_error import ServerErrorMiddleware
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from app.standard.errors import problem_response
from app.standard.handlers import Adapter, HandlerResolver
from app.standard.parameters import ParameterValidator
from app.standard.request_log import RequestLog
from app.standard.settings import ServiceSettings

Middleware = Callable[[ASGIApp], ASGIApp]
Lifespan = Callable[[], AbstractAsyncContextManager[None]]
ReadinessCheck = Callable[[], Awaitable[None]]
T = TypeVar("T")
S = TypeVar("S", bound=ServiceSettings)

_current: ContextVar["Service"] = ContextVar("service")


class Module(Protocol):
    """A standard module: one file that adds what it gives to the service."""

    def init_app(self, service: "Service") -> None:
        """Add what the module gives."""


@dataclass(eq=False)
class Service:
    """What the standard modules add up to; each list of middlewares is outermost first.

    An exception that leaves an innermost middleware or a route becomes a problem response; the
    outer middlewares see that response too. Routes stand at the root, whatever the contract says.
    """

    settings: ServiceSettings
    spec: dict[str, Any]
    app_class: type[AbstractApp] = field(init=False)
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
        """Assemble the Connexion application."""
        app = self.app_class(
            "app",
            lifespan=self._lifespan,
            middlewares=self._middlewares(),
            resolver=HandlerResolver(self.adapter),
            strict_validation=True,
            validator_map={"parameter": ParameterValidator},
        )
        app.add_api(self.spec)
        for error in (ProblemException, HTTPException, Exception):
            app.add_error_handler(error, problem_response)
        return app

    def _middlewares(self) -> list[Any]:
        return [
            partial(_Bound, service=self),
            RequestLog,
            # Without a handler of its own, an exception in an outer middleware would have
            # no problem response (https://github.com/spec-first/connexion/issues/2059).
            partial(ServerErrorMiddleware, handler=problem_response),
            *self.outer_middlewares,
            ExceptionMiddleware,
            partial(_Routes, routes=self.routes),
            RoutingMiddleware,
            SecurityMiddleware,
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

    def __init__(self, app: ASGIApp, routes: list[BaseRoute]) -> None:
        self.app = app
        self.router = Router(routes, redirect_slashes=False, default=app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (self.router if scope["type"] == "http" else self.app)(scope, receive, send)


def current_service() -> Service:
    """Return the service that handles the current request."""
    return _current.get()
