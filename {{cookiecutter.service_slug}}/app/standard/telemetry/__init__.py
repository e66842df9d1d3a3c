"""What the service tells of itself: a span and measurements of each request, and where they go.

``create_app`` and ``work.py`` set it up; other rooms call the API of OpenTelemetry, and not this.
"""

from functools import partial

from app.standard.service import Application
from app.standard.telemetry.requests import TelemetryMiddleware
from app.standard.telemetry.settings import TelemetrySettings


def init_app(application: Application) -> None:
    """Tell of each request, if somebody is to hear it; without, nothing is added."""
    settings = application.settings_as(TelemetrySettings)
    if settings.is_heard:
        # The SDK is costly to import, and needed here alone.
        from app.standard.telemetry.sending import sending

        application.outer_middlewares.append(TelemetryMiddleware)
        application.lifespans.append(partial(sending, settings))
