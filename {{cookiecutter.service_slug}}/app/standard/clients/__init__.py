"""Calls to other services: a client for each, with a token, the id of the request, and retries.

Handlers and tasks hand what ``client_of`` returns to the functions of generated clients.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.standard.clients.calls import Clients, client_of
from app.standard.clients.retrying import RetryingTransport
from app.standard.service import Application


def init_app(application: Application) -> None:
    """Keep the clients of the application while it runs."""

    @asynccontextmanager
    async def kept() -> AsyncIterator[None]:
        application.resources[Clients] = clients = Clients()
        try:
            yield
        finally:
            del application.resources[Clients]
            await clients.close()

    application.lifespans.append(kept)
