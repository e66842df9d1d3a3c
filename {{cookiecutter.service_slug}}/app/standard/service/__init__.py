"""The service as a whole: its settings, the application that the modules add to, logs, health.

The entry point loads the settings; each ``init_app`` gets the application and adds to it.
"""

from app.standard.service.application import (
    Application,
    CurrentApplicationMiddleware,
    NotReady,
    ReadinessCheck,
    current_application,
    # {% if cookiecutter.use_worker %}
    make_current,
    # {% endif %}
)
from app.standard.service.blocking import add_blocking_threads, run_blocking

# {%- if cookiecutter.use_telemetry +%}
from app.standard.service.error_reports import report_errors_to

# {%- endif +%}
from app.standard.service.health import HEALTH_CONTRACT, add_health, is_probe, run_check
from app.standard.service.settings import (
    # {% if cookiecutter.use_telemetry %}
    SERVICE_NAME,
    # {% endif %}
    CommaSeparated,
    ServiceSettings,
    SettingsError,
    load_settings,
)
from app.standard.service.structured_logging import configure_logging

# {%- if cookiecutter._module_names_of_1_1 +%}

# Its name until version 1.1 of the template.
current_service = current_application

# {%- endif +%}


def init_app(application: Application) -> None:
    """Send all logs through one pipeline, answer at /healthz and /readyz, and have threads."""
    configure_logging(application.settings)
    add_blocking_threads(application)
    add_health(application)
