"""Every failure as a problem response (RFC 9457)."""

from collections.abc import Mapping
from http.client import responses
from typing import Any

import structlog

# {%- if cookiecutter.framework != "fastapi" +%}
from connexion.exceptions import ProblemException

# {%- endif +%}
# {%- if cookiecutter.use_telemetry +%}
from opentelemetry import trace

# {%- endif +%}
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from app.standard.http.errors import ServiceError, ServiceUnavailable
from app.standard.http.middleware import HttpMiddleware
from app.standard.http.serialization import to_json

logger = structlog.stdlib.get_logger(__name__)


class ProblemMiddleware(HttpMiddleware):
    """Answers an exception by a problem; one that no client should know of is logged whole.

    Where the response has begun, the exception goes on to the server, which logs it and breaks
    the transfer.
    """

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        has_started = False

        async def watch(message: Message) -> None:
            nonlocal has_started
            has_started = True
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except Exception as error:
            if has_started:
                raise
            await _problem_response(scope, error)(scope, receive, send)


def _problem_response(scope: Scope, error: Exception) -> Response:
    problem = _describe(error)
    if isinstance(error, ServiceUnavailable):
        logger.warning("request refused", detail=str(error), cause=repr(error.__cause__))
    elif problem["status"] >= 500:
        logger.error("request failed", exc_info=error)
    # {% if cookiecutter.use_telemetry %}
    trace.get_current_span().set_attributes(
        {"problem.title": str(problem["title"]), "exception.type": type(error).__qualname__}
    )
    # {% endif %}
    problem["instance"] = scope["path"]
    problem["request_id"] = structlog.contextvars.get_contextvars().get("request_id")
    headers = error.headers if isinstance(error, ServiceError | HTTPException) else None
    return Response(
        to_json(problem), problem["status"], headers, media_type="application/problem+json"
    )


def _describe(error: Exception) -> dict[str, Any]:
    # Other exceptions may have a status too: that of a service which we called, say.
    status, title, detail = 500, "", ""
    extensions: Mapping[str, object] = {}
    if isinstance(error, ServiceError):
        status, title, detail = error.status, error.title, str(error)
        extensions = error.extensions
    elif isinstance(error, HTTPException):
        status = error.status_code
        detail = str(error.detail) if status < 500 else ""
    # {% if cookiecutter.framework != "fastapi" %}
    if isinstance(error, ProblemException):
        extensions = error.ext or {}
    # {% endif %}
    problem = {"type": "about:blank", "title": title or responses.get(status), "status": status}
    if detail:
        problem["detail"] = detail
    return {**problem, **extensions}
