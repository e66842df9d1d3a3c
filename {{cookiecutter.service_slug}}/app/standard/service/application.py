"""What the modules add up to, and what handlers can ask for while it runs."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar

# {% if cookiecutter.framework == "fastapi" %}
from fastapi import APIRouter

# {%- print "\n" %}
# {% endif %}
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from app.standard.service.settings import ServiceSettings

Middleware = Callable[[ASGIApp], ASGIApp]
Lifespan = Callable[[], AbstractAsyncContextManager[None]]
# It raises where the service is not ready, and may return what there is to tell.
ReadinessCheck = Callable[[], Awaitable[Mapping[str, object] | None]]
T = TypeVar("T")
S = TypeVar("S", bound=ServiceSettings)


class NotReady(Exception):
    """A check of readiness failed for a reason that anybody may read."""


_current: ContextVar["Application"] = ContextVar("application")


@dataclass(eq=False)
class Application:
    """What the modules add up to; each list of middlewares is outermost first.

    The outer middlewares see every response, problems included; the security, requests to
    operations of the contract. Routes stand at the root, whatever the contract says. Resources,
    such as a pool, are there while the application runs, by their type.
    # {% if cookiecutter.framework == "fastapi" %}
    The routers in code are FastAPI's, and documented with the contract.
    # {% endif %}
    """

    settings: ServiceSettings
    contract: dict[str, Any]
    outer_middlewares: list[Middleware] = field(default_factory=list)
    security: list[Middleware] = field(default_factory=list)
    routes: list[BaseRoute] = field(default_factory=list)
    lifespans: list[Lifespan] = field(default_factory=list)
    readiness_checks: dict[str, ReadinessCheck] = field(default_factory=dict)
    resources: dict[type, object] = field(default_factory=dict)
    # {% if cookiecutter.framework == "fastapi" %}
    code_routers: list[APIRouter] = field(default_factory=list)
    documented: dict[str, Any] = field(default_factory=dict)
    # {% endif %}

    # {% if cookiecutter.framework == "fastapi" %}
    def __post_init__(self) -> None:
        self.documented = self.documented or self.contract

    # {% endif %}
    def settings_as(self, settings_class: type[S]) -> S:
        """Return the settings as the class that the caller knows."""
        if not isinstance(self.settings, settings_class):
            raise TypeError(f"the settings of this service are not {settings_class.__name__}")
        return self.settings

    def resource(self, kind: type[T]) -> T:
        """Return the resource of this type; raise ``LookupError`` while there is none."""
        found = self.resources.get(kind)
        if not isinstance(found, kind):
            raise LookupError(f"no {kind.__name__}: the service is not running")
        return found


class CurrentApplicationMiddleware:
    """Makes the application known to everything that runs for a request."""

    def __init__(self, app: ASGIApp, application: Application) -> None:
        self.app = app
        self.application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        _current.set(self.application)
        await self.app(scope, receive, send)


# {% if cookiecutter.use_worker %}
def make_current(application: Application) -> None:
    """Make the application known to what runs in this context, and in those begun from here."""
    _current.set(application)


# {% endif %}
def current_application() -> Application:
    """Return the application that handles the current request."""
    return _current.get()
