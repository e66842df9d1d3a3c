"""A request's way in and out: limits, log line, problems, headers, compression, streams.

Handlers raise ``ServiceError`` and return a ``Stream``; the rooms above raise the same errors.
"""

from functools import partial

from app.standard.http.compression import CompressionMiddleware
from app.standard.http.cors import CorsMiddleware
from app.standard.http.errors import ServiceError, ServiceUnavailable
from app.standard.http.incoming_body import IncomingBody
from app.standard.http.limits import LimitsMiddleware
from app.standard.http.middleware import HttpMiddleware

# {%- if cookiecutter.use_telemetry +%}
from app.standard.http.outgoing import TracedClient, calling

# {%- endif +%}
from app.standard.http.pages import Cursor, next_page
from app.standard.http.preconditions import etag_of, is_match, require_match
from app.standard.http.problems import ProblemMiddleware
from app.standard.http.request_log import (
    ROUTE,
    # {% if cookiecutter.use_telemetry %}
    STATUS,
    # {% endif %}
    RequestLogMiddleware,
    outgoing_headers,
)
from app.standard.http.security_headers import SecurityHeadersMiddleware
from app.standard.http.serialization import to_json
from app.standard.http.settings import HttpSettings
from app.standard.http.streaming import ClientLeft, Stream, Write
from app.standard.service import Application


def init_app(application: Application) -> None:
    """Put around everything else what each request passes on its way in and out."""
    settings = application.settings_as(HttpSettings)
    cors = [partial(CorsMiddleware, settings=settings)] if settings.cors_allow_origins else []
    application.outer_middlewares += [
        RequestLogMiddleware,
        partial(SecurityHeadersMiddleware, hsts_max_age=settings.hsts_max_age),
        ProblemMiddleware,
        *cors,
        CompressionMiddleware,
        # Its problems are compressed, and may be read by pages of other origins.
        ProblemMiddleware,
        partial(LimitsMiddleware, settings=settings),
    ]
