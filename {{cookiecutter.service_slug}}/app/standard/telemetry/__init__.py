"""What the service tells of itself: a span and measurements of each request, and where they go.

Whoever starts the service sets it up; rooms above tell by it, and all by the API of OpenTelemetry.
"""

from functools import partial

from app.standard.service import Application

# {%- if cookiecutter.use_database and cookiecutter.use_csv_export +%}
from app.standard.telemetry.exports import told_copy

# {%- endif +%}
# {%- if cookiecutter.use_worker +%}
from app.standard.telemetry.jobs import (
    count_queue,
    tell_outcome,
    told_attempt,
    # {% if cookiecutter.queue == "celery" %}
    trace_context,
    # {% endif %}
)

# {%- endif +%}
from app.standard.telemetry.requests import TelemetryMiddleware
from app.standard.telemetry.settings import TelemetrySettings

# {%- if cookiecutter.use_database +%}
from app.standard.telemetry.statements import watch_statements

# {%- endif +%}


def init_app(application: Application) -> None:
    """Tell of each request, if somebody is to hear it; without, nothing is added."""
    settings = application.settings_as(TelemetrySettings)
    if settings.is_heard:
        # The SDK is costly to import, and needed here alone.
        from app.standard.telemetry.sending import sending

        application.outer_middlewares.append(TelemetryMiddleware)
        application.lifespans.append(partial(sending, settings))
        # {% if cookiecutter.use_database %}
        watch_statements()
        # {% endif %}
