"""The Connexion application, made of what the modules have added."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

from connexion.apps.abstract import AbstractApp
from connexion.exceptions import ResolverError
from connexion.middleware.context import ContextMiddleware
from connexion.middleware.lifespan import LifespanMiddleware
from connexion.middleware.request_validation import RequestValidationMiddleware
from connexion.middleware.routing import RoutingMiddleware
from connexion.middleware.security import SecurityMiddleware

from app.standard.contract import (
    VALIDATORS,
    ContractError,
    HandlerResolver,
    OwnRoutesMiddleware,
    RoutedOperationMiddleware,
    concrete_first,
    operations,
)
from app.standard.framework import (
    # {% if cookiecutter.framework == "async" %}
    async_app,
    # {% endif %}
    # {% if cookiecutter.framework == "flask" %}
    flask_app,
    # {% endif %}
)
from app.standard.service import Application, CurrentApplicationMiddleware


def assemble(application: Application) -> AbstractApp:
    """Return the application that serves the contract.

    Raises ``ContractError`` for an operation without its handler: Connexion would look for it
    when the server starts, and tell it in a traceback.
    """
    build: Callable[..., AbstractApp]
    # {% if cookiecutter.framework == "flask" %}
    resolver, build = HandlerResolver(flask_app.adapt), partial(flask_app.build, application)
    # {% endif %}
    # {% if cookiecutter.framework == "async" %}
    resolver, build = HandlerResolver(async_app.adapt), async_app.AsyncApp
    # {% endif %}
    for method, template, operation in operations(application.contract):
        try:
            resolver.resolve_function_from_operation_id(operation["operationId"])
        except ResolverError as error:
            where = f"{operation['operationId']} of {method.upper()} {template}"
            raise ContractError(f"operationId {where}: {error}") from error
    app = build(
        "app",
        lifespan=partial(_lifespan, application),
        middlewares=_middlewares(application),
        resolver=resolver,
        strict_validation=True,
        validator_map=VALIDATORS,
    )
    app.add_api(concrete_first(application.contract))
    return app


def _middlewares(application: Application) -> list[Any]:
    return [
        partial(CurrentApplicationMiddleware, application=application),
        *application.outer_middlewares,
        partial(OwnRoutesMiddleware, application=application),
        RoutingMiddleware,
        partial(RoutedOperationMiddleware, application=application),
        *(application.security or [SecurityMiddleware]),
        RequestValidationMiddleware,
        LifespanMiddleware,
        ContextMiddleware,
    ]


@asynccontextmanager
async def _lifespan(application: Application, _app: object) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        for lifespan in application.lifespans:
            await stack.enter_async_context(lifespan())
        yield
