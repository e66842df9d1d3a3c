"""Cross-origin requests, from the origins that the settings name."""

from functools import partial

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response

from app.standard.service import Service


def init_app(service: Service) -> None:
    """Answer browsers of the allowed origins; with none allowed, add nothing."""
    if service.settings.cors_allow_origins:
        service.outer_middlewares.append(
            partial(
                _CorsMiddleware,
                allow_origins=service.settings.cors_allow_origins,
                allow_credentials=service.settings.cors_allow_credentials,
                allow_methods=["*"],
                allow_headers=["*"],
                expose_headers=["X-Request-ID", "Content-Disposition"],
            )
        )


class _CorsMiddleware(CORSMiddleware):
    def preflight_response(self, request_headers: Headers) -> Response:
        response = super().preflight_response(request_headers)
        if response.status_code >= 400:
            raise HTTPException(400, bytes(response.body).decode() + ".")
        return response
