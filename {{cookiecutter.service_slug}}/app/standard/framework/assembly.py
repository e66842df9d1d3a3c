"""The Connexion application, made of what the modules have added."""

from collections.abc import AsyncIterator
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

from app.standard import contract
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
    # {% if cookiecutter.framework == "flask" %}
    resolver = contract.HandlerResolver(flask_app.adapt)
    # {% endif %}
    # {% if cookiecutter.framework == "async" %}
    resolver = contract.HandlerResolver(async_app.adapt)
    # {% endif %}
    for method, template, operation in contract.operations(application.contract):
        try:
            resolver.resolve_function_from_operation_id(operation["operationId"])
        except ResolverError as error:
            where = f"{operation['operationId']} of {method.upper()} {template}"
            raise contract.ContractError(f"operationId {where}: {error}") from error
    options: dict[str, Any] = {
        "lifespan": partial(_lifespan, application),
        "middlewares": _middlewares(application),
        "resolver": resolver,
        "strict_validation": True,
        "validator_map": contract.VALIDATORS,
    }
    # {% if cookiecutter.framework == "flask" %}
    app: AbstractApp = flask_app.build(application, options)
    # {% endif %}
    # {% if cookiecutter.framework == "async" %}
    app = async_app.AsyncApp("app", **options)
    # {% endif %}
    app.add_api(contract.concrete_first(application.contract))
    return app


def _middlewares(application: Application) -> list[Any]:
    return [
        partial(CurrentApplicationMiddleware, application=application),
        *application.outer_middlewares,
        partial(contract.OwnRoutesMiddleware, application=application),
        RoutingMiddleware,
        partial(contract.RoutedOperationMiddleware, application=application),
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
