"""Request ids, and one line of log per request."""

import re
import time
import uuid

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

UNLOGGED_PATHS = frozenset({"/healthz", "/readyz"})
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

logger = structlog.stdlib.get_logger(__name__)


class RequestLog:
    """Gives each request an id and, when its response has ended, a line of log."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _request_id(scope)
        structlog.contextvars.bind_contextvars(request_id=request_id)
        response = _Response(send, request_id)
        started = time.perf_counter()
        try:
            await self.app(scope, receive, response.send)
        finally:
            if scope["path"] not in UNLOGGED_PATHS:
                logger.info(
                    "request",
                    method=scope["method"],
                    path=scope["path"],
                    status=response.status,
                    bytes=response.size,
                    complete=response.complete,
                    duration_ms=round((time.perf_counter() - started) * 1000, 1),
                    client=(scope.get("client") or (None,))[0],
                )


class _Response:
    """Watches a response on its way to the client."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self.request_id = request_id
        self.status: int | None = None
        self.size = 0
        self.complete = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            MutableHeaders(scope=message)["X-Request-ID"] = self.request_id
        else:
            self.size += len(message.get("body", b""))
            self.complete = not message.get("more_body", False)
        await self._send(message)


def _request_id(scope: Scope) -> str:
    given = Headers(scope=scope).get("X-Request-ID", "")
    return given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
