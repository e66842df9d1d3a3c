"""The standard modules of this service, in the order in which they are set up."""

from types import ModuleType

from app.standard import (
    # {% if cookiecutter.framework == "async" %}
    async_app,
    # {% endif %}
    # {% if cookiecutter.use_auth %}
    auth,
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
    settings,
    structured_logging,
    swagger_ui,
    validation,
)


class StandardSettings(
    # {% if cookiecutter.use_auth %}
    auth.AuthSettings,
    # {% endif %}
    # {% if cookiecutter.use_database %}
    database.DatabaseSettings,
    # {% endif %}
    settings.ServiceSettings,
):
    """The settings of all standard modules."""


MODULES: tuple[ModuleType, ...] = (
    structured_logging,
    validation,
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
    # {% if cookiecutter.use_auth %}
    auth,
    # {% endif %}
)
