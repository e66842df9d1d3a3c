"""Request ids, and one line of log per request."""

import random
import re
import time
from typing import Any

import structlog

# {%- if cookiecutter.use_telemetry +%}
from opentelemetry import propagate

# {%- endif +%}
from starlette.types import Message, Receive, Scope, Send

from app.standard.http.middleware import HttpMiddleware
from app.standard.http.pages import query_string
from app.standard.service import is_probe

HEADER = b"x-request-id"
REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
# Set in the scope of a request whose client did not wait for the end of the response.
CLIENT_LEFT = "app.client_left"
# Set in the extensions of the scope, which its copies share: the path as the contract writes it.
ROUTE = "app.route"
# {% if cookiecutter.use_telemetry %}
# Set there too: the status of the response, when it begins.
STATUS = "app.status"
# {% endif %}

logger = structlog.stdlib.get_logger(__name__)


class RequestLogMiddleware(HttpMiddleware):
    """Gives each request an id and, when its response has ended, a line of log."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        given = next((value for name, value in scope["headers"] if name == HEADER), b"")
        request_id = given.decode() if REQUEST_ID.fullmatch(given) else _new_id()
        # The context may be that of an earlier request on the same connection
        # (https://github.com/python/cpython/issues/140947).
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        query_string.set(scope["query_string"])
        seen: dict[str, Any] = {"status": None, "bytes": 0, "outcome": "broken"}
        extensions = scope.setdefault("extensions", {})
        started = time.perf_counter()

        async def watch(message: Message) -> None:
            if message["type"] == "http.response.start":
                seen["status"] = message["status"]
                # {% if cookiecutter.use_telemetry %}
                extensions[STATUS] = message["status"]
                # {% endif %}
                others = [each for each in message["headers"] if each[0] != HEADER]
                message["headers"] = [*others, (HEADER, request_id.encode())]
            await send(message)
            if message["type"] == "http.response.body":
                seen["bytes"] += len(message.get("body", b""))
                if not message.get("more_body", False):
                    seen["outcome"] = "complete"

        try:
            await self.app(scope, receive, watch)
        finally:
            if not is_probe(scope):
                seen |= {"outcome": "client left"} if CLIENT_LEFT in scope else {}
                logger.info(
                    "request",
                    method=scope["method"],
                    route=extensions.get(ROUTE),
                    path=scope["path"],
                    **seen,
                    duration_ms=round((time.perf_counter() - started) * 1000, 1),
                    client=(scope.get("client") or (None,))[0],
                )


def _new_id() -> str:
    # It shall be another one, and is no secret.
    return f"{random.getrandbits(128):032x}"


def outgoing_headers() -> dict[str, str]:
    # {% if cookiecutter.use_telemetry %}
    """Return the headers that hand the request's id, and its trace, on to a service we call."""
    # {% endif %}
    # {% if not cookiecutter.use_telemetry %}
    """Return the headers that hand the id of the current request on to a service we call."""
    # {% endif %}
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    # {% if cookiecutter.use_telemetry %}
    headers = {"X-Request-ID": request_id} if request_id else {}
    propagate.inject(headers)
    return headers
    # {% endif %}
    # {% if not cookiecutter.use_telemetry %}
    return {"X-Request-ID": request_id} if request_id else {}
    # {% endif %}
