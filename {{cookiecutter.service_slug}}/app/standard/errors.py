"""Every failure as a problem response (RFC 9457)."""

from http import HTTPStatus
from typing import Any, ClassVar

import structlog
from connexion.exceptions import ProblemException
from connexion.lifecycle import ConnexionRequest, ConnexionResponse
from starlette.exceptions import HTTPException

from app.standard.serialization import to_json

logger = structlog.stdlib.get_logger(__name__)


class ServiceError(Exception):
    """A failure that the client may know of; a subclass sets its status and its title.

    The message becomes the problem's detail.
    """

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Internal Server Error"


async def problem_response(request: ConnexionRequest, error: Exception) -> ConnexionResponse:
    """Translate an exception; one that no client should know of is logged whole instead."""
    problem = _describe(error)
    if problem["status"] >= HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.error("request failed", exc_info=error)
    problem["instance"] = request.url.path
    problem["request_id"] = structlog.contextvars.get_contextvars().get("request_id")
    return ConnexionResponse(
        status_code=problem["status"],
        content_type="application/problem+json",
        body=to_json(problem),
        headers=dict(error.headers or {}) if isinstance(error, HTTPException) else None,
    )


def _describe(error: Exception) -> dict[str, Any]:
    # Other exceptions may have a status too: that of a service which we called, say.
    problem: dict[str, Any] = {"type": "about:blank"}
    if isinstance(error, ServiceError):
        return problem | {"title": error.title, "status": error.status, "detail": str(error)}
    status = error.status_code if isinstance(error, HTTPException) else 500
    problem |= {"title": HTTPStatus(status).phrase, "status": status}
    if isinstance(error, HTTPException) and error.detail and status < 500:
        # Connexion appends a dump of the schema after an empty line.
        problem["detail"] = str(error.detail).split("\n\n")[0]
    if isinstance(error, ProblemException):
        problem |= error.ext or {}
    return problem
