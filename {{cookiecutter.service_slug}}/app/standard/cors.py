"""Cross-origin requests, from the origins that the settings name."""

from functools import partial

from starlette.middleware.cors import CORSMiddleware

from app.standard.service import Service


def init_app(service: Service) -> None:
    """Answer browsers of the allowed origins; with none allowed, add nothing."""
    origins = service.settings.cors_allow_origins
    if origins:
        service.outer_middlewares.append(
            partial(
                CORSMiddleware,
                allow_origins=origins,
                allow_methods=["*"],
                allow_headers=["*"],
                expose_headers=["X-Request-ID", "Content-Disposition"],
            )
        )
