"""The Connexion application, made of what the modules have added."""

from functools import partial
from typing import Any

from connexion.apps.abstract import AbstractApp as App
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
from app.standard.framework.lifespan import run_lifespans
from app.standard.service import Application, CurrentApplicationMiddleware


def assemble(application: Application) -> App:
    """Return the application that serves the contract.

    Raises ``ContractError`` for what could not be served as the contract says.
    """
    operations = contract.compile_operations(application.contract)
    contract.refuse_shadowed(operations.values(), application.routes)
    options: dict[str, Any] = {
        "lifespan": partial(run_lifespans, application),
        "middlewares": _middlewares(application, operations),
    }
    # {% if cookiecutter.framework == "flask" %}
    app: App = flask_app.build(application, options)
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
