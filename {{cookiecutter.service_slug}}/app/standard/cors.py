"""Cross-origin requests, from the origins that the settings name."""

from functools import partial

from starlette.middleware.cors import CORSMiddleware

from app.standard.service import Service


def init_app(service: Service) -> None:
    """Answer browsers of the allowed origins; with none allowed, add nothing."""
    if service.settings.cors_allow_origins:
        service.outer_middlewares.append(
            partial(
                CORSMiddleware,
                allow_origins=service.settings.cors_allow_origins,
                allow_credentials=service.settings.cors_allow_credentials,
                allow_methods=["*"],
                allow_headers=["*"],
                expose_headers=["X-Request-ID", "Content-Disposition"],
            )
        )
