"""Cross-origin requests, from the origins that the settings name."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp

from app.standard.http.settings import HttpSettings


class CorsMiddleware(CORSMiddleware):
    """Answers browsers of the allowed origins; a refusal is a problem like any other."""

    def __init__(self, app: ASGIApp, settings: HttpSettings) -> None:
        super().__init__(
            app,
            allow_origins=settings.cors_allow_origins,
            allow_credentials=settings.cors_allow_credentials,
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=["X-Request-ID", "Content-Disposition", "ETag", "Link", "Location"],
        )

    def preflight_response(self, request_headers: Headers) -> Response:
        """Answer a preflight request."""
        response = super().preflight_response(request_headers)
        if response.status_code >= 400:
            raise HTTPException(400, bytes(response.body).decode() + ".")
        return response
