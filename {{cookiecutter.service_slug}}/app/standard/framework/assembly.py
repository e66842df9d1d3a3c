"""The Connexion application, made of what the modules have added."""

import gc
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

from connexion.apps.abstract import AbstractApp
from connexion.middleware.context import ContextMiddleware
from connexion.middleware.lifespan import LifespanMiddleware
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
from app.standard.framework.connexion_contract import for_connexion
from app.standard.service import Application, CurrentApplicationMiddleware


def assemble(application: Application) -> AbstractApp:
    """Return the application that serves the contract.

    Raises ``ContractError`` for what could not be served as the contract says.
    """
    operations = contract.compile_operations(application.contract)
    contract.refuse_shadowed(operations.values(), application.routes)
    options: dict[str, Any] = {
        "lifespan": partial(_lifespan, application),
        "middlewares": _middlewares(application, operations),
    }
    # {% if cookiecutter.framework == "flask" %}
    app: AbstractApp = flask_app.build(application, options)
    # {% endif %}
    # {% if cookiecutter.framework == "async" %}
    app = async_app.build(application, options)
    # {% endif %}
    app.add_api(for_connexion(application.contract, operations))
    return app


def _middlewares(application: Application, operations: contract.Operations) -> list[Any]:
    return [
        partial(CurrentApplicationMiddleware, application=application),
        *application.outer_middlewares,
        partial(contract.OwnRoutesMiddleware, application=application, operations=operations),
        partial(contract.ContractRoutingMiddleware, operations=operations),
        *(application.security or [SecurityMiddleware]),
        LifespanMiddleware,
        ContextMiddleware,
    ]


@asynccontextmanager
async def _lifespan(application: Application, _app: object) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        for lifespan in application.lifespans:
            await stack.enter_async_context(lifespan())
        if application.settings.environment == "production":
            # A collection that looks at all that was made until now stops every request.
            gc.freeze()
        # Where run.py has started it, there was none yet.
        gc.enable()
        yield
