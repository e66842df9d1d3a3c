"""Every failure as a problem response (RFC 9457)."""

from http import HTTPStatus
from typing import Any, ClassVar

import structlog
from connexion.lifecycle import ConnexionRequest, ConnexionResponse

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
    status: int = getattr(error, "status", None) or getattr(error, "status_code", None) or 500
    problem: dict[str, Any] = {
        "type": getattr(error, "type", None) or "about:blank",
        "title": getattr(error, "title", None) or HTTPStatus(status).phrase,
        "status": status,
        "instance": request.url.path,
        "request_id": structlog.contextvars.get_contextvars().get("request_id"),
    }
    detail = str(error) if isinstance(error, ServiceError) else getattr(error, "detail", None)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.error("request failed", exc_info=error)
    if detail and (status < HTTPStatus.INTERNAL_SERVER_ERROR or isinstance(error, ServiceError)):
        # Connexion appends a dump of the schema after an empty line.
        problem["detail"] = str(detail).split("\n\n")[0]
    problem.update(getattr(error, "ext", None) or {})
    return ConnexionResponse(
        status_code=status,
        content_type="application/problem+json",
        body=to_json(problem),
        headers=dict(getattr(error, "headers", None) or {}),
    )
