"""The standard modules of this service, in the order in which they are set up."""

from types import ModuleType

from app.standard import (
    # {% if cookiecutter.use_auth %}
    auth,
    # {% endif %}
    # {% if cookiecutter.use_clients %}
    clients,
    # {% endif %}
    contract,
    # {% if cookiecutter.use_database %}
    database,
    # {% endif %}
    # {% if cookiecutter.framework == "flask" %}
    framework,
    # {% endif %}
    http,
    # {% if cookiecutter.use_page %}
    page,
    # {% endif %}
    service,
    # {% if cookiecutter.use_telemetry %}
    telemetry,
    # {% endif %}
    # {% if cookiecutter.use_worker %}
    worker,
    # {% endif %}
)

MODULES: tuple[ModuleType, ...] = (
    service,
    # {% if cookiecutter.use_telemetry %}
    # Its spans are around all that the others do.
    telemetry,
    # {% endif %}
    http,
    # {% if cookiecutter.use_clients %}
    clients,
    # {% endif %}
    # {% if cookiecutter.use_worker %}
    # {% if cookiecutter.queue == "pgqueuer" %}
    # Its operations are shown with the others.
    # {% endif %}
    worker,
    # {% endif %}
    contract,
    # {% if cookiecutter.use_page %}
    page,
    # {% endif %}
    # {% if cookiecutter.use_database %}
    database,
    # {% endif %}
    # {% if cookiecutter.use_auth %}
    auth,
    # {% endif %}
)


class StandardSettings(
    # {% if cookiecutter.use_auth %}
    auth.AuthSettings,
    # {% endif %}
    # {% if cookiecutter.use_worker %}
    worker.WorkerSettings,
    # {% endif %}
    # {% if cookiecutter.use_database and not cookiecutter.use_worker %}
    database.DatabaseSettings,
    # {% endif %}
    # {% if cookiecutter.framework == "flask" %}
    framework.FlaskSettings,
    # {% endif %}
    contract.ContractSettings,
    # {% if cookiecutter.use_telemetry %}
    telemetry.TelemetrySettings,
    # {% endif %}
    # {% if not cookiecutter.use_telemetry %}
    http.HttpSettings,
    # {% endif %}
    service.ServiceSettings,
):
    """The settings of all standard modules."""
