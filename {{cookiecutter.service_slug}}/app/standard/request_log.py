"""Request ids, and one line of log per request."""

import re
import time
import uuid
from collections.abc import Mapping

import structlog
from connexion.middleware.abstract import ROUTING_CONTEXT
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PROBE_PATHS = frozenset({"/healthz", "/readyz"})
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
# Set in the scope of a request whose client did not wait for the end of the response.
CLIENT_LEFT = "app.client_left"

logger = structlog.stdlib.get_logger(__name__)


class RequestLogMiddleware:
    """Gives each request an id and, when its response has ended, a line of log.

    ``routes`` are the path templates of the contract by operationId.
    """

    def __init__(self, app: ASGIApp, routes: Mapping[str, str]) -> None:
        self.app = app
        self.routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _request_id(scope)
        # The context may be that of an earlier request on the same connection
        # (https://github.com/python/cpython/issues/140947).
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        response = _Response(send, request_id)
        # Shared with the copies of the scope that Connexion makes.
        routing = scope.setdefault("extensions", {}).setdefault(ROUTING_CONTEXT, {})
        started = time.perf_counter()
        try:
            await self.app(scope, receive, response.send)
        finally:
            if not is_probe(scope):
                logger.info(
                    "request",
                    method=scope["method"],
                    route=self.routes.get(routing.get("operation_id")),
                    path=scope["path"],
                    status=response.status,
                    bytes=response.size,
                    outcome="client left" if CLIENT_LEFT in scope else response.outcome,
                    duration_ms=round((time.perf_counter() - started) * 1000, 1),
                    client=(scope.get("client") or (None,))[0],
                )


def is_probe(scope: Scope) -> bool:
    """Tell whether it is a probe of health, which is not logged and never refused."""
    return scope["path"].removeprefix(scope.get("root_path", "")) in PROBE_PATHS


def outgoing_headers() -> dict[str, str]:
    """Return the headers that hand the id of the current request on to a service we call."""
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    return {"X-Request-ID": request_id} if request_id else {}


class _Response:
    """Watches a response on its way to the client."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self.request_id = request_id
        self.status: int | None = None
        self.size = 0
        self.outcome = "broken"

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            MutableHeaders(scope=message)["X-Request-ID"] = self.request_id
        await self._send(message)
        if message["type"] == "http.response.body":
            self.size += len(message.get("body", b""))
            if not message.get("more_body", False):
                self.outcome = "complete"


def _request_id(scope: Scope) -> str:
    given = Headers(scope=scope).get("x-request-id", "")
    return given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
