"""The standard modules of this service, in the order in which they are set up."""

from app.standard import (
    # {% if cookiecutter.framework == "async" %}
    async_app,
    # {% endif %}
    compression,
    cors,
    # {% if cookiecutter.use_database %}
    database,
    # {% endif %}
    # {% if cookiecutter.framework == "flask" %}
    flask_app,
    # {% endif %}
    health,
    parameters,
    settings,
    structured_logging,
    swagger_ui,
)
from app.standard.service import Module


class StandardSettings(
    # {% if cookiecutter.use_database %}
    database.DatabaseSettings,
    # {% endif %}
    settings.ServiceSettings,
):
    """The settings of all standard modules."""


MODULES: tuple[Module, ...] = (
    structured_logging,
    parameters,
    cors,
    compression,
    health,
    swagger_ui,
    # {% if cookiecutter.framework == "flask" %}
    flask_app,
    # {% endif %}
    # {% if cookiecutter.framework == "async" %}
    async_app,
    # {% endif %}
    # {% if cookiecutter.use_database %}
    database,
    # {% endif %}
)
