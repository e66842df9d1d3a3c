"""The clients of other services that an application has."""

import asyncio

import httpx2
from pydantic import HttpUrl

from app.standard.clients.retrying import ATTEMPTS, GetToken, RetryingTransport

# {%- if cookiecutter.use_telemetry +%}
from app.standard.http import TracedClient

# {%- endif +%}
from app.standard.service import current_application

# The seconds until a connection is there, and those that a response, or the next part of it, takes.
CONNECT_SECONDS = 2.0
SECONDS = 10.0


class Clients:
    """The clients of an application; each keeps its connections."""

    def __init__(self) -> None:
        self._clients: dict[tuple[object, ...], httpx2.AsyncClient] = {}

    async def get(
        self, address: str, token: GetToken | None, seconds: float, attempts: int
    ) -> httpx2.AsyncClient:
        """Return the client that has these, and make it if there is none."""
        key = (address, token, seconds, attempts)
        if key not in self._clients:
            # It reads certificates.
            made = await asyncio.to_thread(_make, *key)
            self._clients.setdefault(key, made)
        return self._clients[key]

    async def close(self) -> None:
        """Close all connections."""
        for client in self._clients.values():
            await client.aclose()


async def client_of(
    address: HttpUrl | str,
    token: GetToken | None = None,
    *,
    seconds: float = SECONDS,
    attempts: int = ATTEMPTS,
) -> httpx2.AsyncClient:
    """Return the client of another service, the same for the same arguments.

    ``token`` is asked before each attempt. What is idempotent is sent up to ``attempts`` times. A
    service that cannot be reached, or says nothing for so many ``seconds``, raises
    ``ServiceUnavailable``.
    """
    clients = current_application().resource(Clients)
    return await clients.get(str(address), token, seconds, attempts)


def _make(
    address: str, token: GetToken | None, seconds: float, attempts: int
) -> httpx2.AsyncClient:
    timeout = httpx2.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS))
    transport = RetryingTransport(httpx2.AsyncHTTPTransport(), token, attempts)
    # {% if cookiecutter.use_telemetry %}
    return TracedClient(base_url=address, timeout=timeout, transport=transport)
    # {% endif %}
    # {% if not cookiecutter.use_telemetry %}
    return httpx2.AsyncClient(base_url=address, timeout=timeout, transport=transport)
    # {% endif %}
