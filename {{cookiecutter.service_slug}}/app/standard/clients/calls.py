"""The clients of other services that an application has."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable

import httpx2
from pydantic import HttpUrl

from app.standard.clients.retrying import ATTEMPTS, RetryingTransport

# {%- if cookiecutter.use_telemetry +%}
from app.standard.http import TracedClient

# {%- endif +%}
from app.standard.service import current_application

GetToken = Callable[[], Awaitable[str]]

# The seconds until a connection is there, and those that a response, or the next part of it, takes.
CONNECT_SECONDS = 2.0
SECONDS = 10.0


class BearerTokens(httpx2.Auth):
    """Gives each request the token of its moment (RFC 6750, section 2.1)."""

    def __init__(self, get_token: GetToken) -> None:
        self.get_token = get_token

    async def async_auth_flow(
        self, request: httpx2.Request
    ) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        """Add the token."""
        request.headers["Authorization"] = f"Bearer {await self.get_token()}"
        yield request


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

    ``token`` is asked before each request. What is idempotent is sent up to ``attempts`` times. A
    service that cannot be reached, or says nothing for so many ``seconds``, raises
    ``ServiceUnavailable``.
    """
    clients = current_application().resource(Clients)
    return await clients.get(str(address), token, seconds, attempts)


def _make(
    address: str, token: GetToken | None, seconds: float, attempts: int
) -> httpx2.AsyncClient:
    auth = BearerTokens(token) if token else None
    timeout = httpx2.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS))
    transport = RetryingTransport(httpx2.AsyncHTTPTransport(), attempts)
    # {% if cookiecutter.use_telemetry %}
    return TracedClient(base_url=address, auth=auth, timeout=timeout, transport=transport)
    # {% endif %}
    # {% if not cookiecutter.use_telemetry %}
    return httpx2.AsyncClient(base_url=address, auth=auth, timeout=timeout, transport=transport)
    # {% endif %}
