"""Connexion without a web framework underneath: handlers run where the server runs."""

from functools import partial
from typing import Any

from connexion.apps.asynchronous import AsyncApp

from app.standard.framework.operations import OperationMiddleware
from app.standard.service import Application


def build(application: Application, options: dict[str, Any]) -> AsyncApp:
    """Return Connexion by itself, with the operations before what it would run."""
    options["middlewares"].append(partial(OperationMiddleware, application=application))
    app = AsyncApp("app", **options)
    # Its redirects would name the host that the client named.
    app._middleware_app.router.redirect_slashes = False
    return app
