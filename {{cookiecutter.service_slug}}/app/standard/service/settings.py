"""Typed settings from the environment, checked before anything starts."""

import os
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from pydantic_settings import SettingsError as UnreadableSetting


def _split(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


CommaSeparated = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]


# {% if cookiecutter.use_telemetry %}
SERVICE_NAME = "{{ cookiecutter.service_slug }}"


# {% endif %}
class SettingsError(ValueError):
    """A setting is missing or bad; the message names it and never holds its value."""


class ServiceSettings(BaseSettings):
    """What every service has; a module's settings are a subclass. Durations are in seconds."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, env_ignore_empty=True)

    environment: Literal["development", "test", "production"] = "development"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = "INFO"
    log_redacted_words: CommaSeparated = ()
    blocking_threads: int = Field(default=40, ge=1)
    # {% if cookiecutter.use_telemetry %}
    log_fields: Literal["plain", "ecs"] = "plain"
    otel_service_name: str | None = None
    # {% endif %}


S = TypeVar("S", bound=ServiceSettings)


def load_settings(settings_class: type[S], **values: Any) -> S:
    """Read the settings from ``values``, the environment and, in development, ``.env``.

    Raises ``SettingsError`` with one line per setting that is missing or bad.
    """
    variables = {name.upper(): value for name, value in os.environ.items()}
    in_development = (variables.get("ENVIRONMENT") or "development") == "development"
    try:
        return settings_class(_env_file=".env" if in_development else None, **values)
    except ValidationError as error:
        raise SettingsError(_explain(error)) from None
    except UnreadableSetting as error:
        raise SettingsError(f"The service does not start: {error}") from None


def _explain(error: ValidationError) -> str:
    lines = ["The service does not start, because of its settings:"]
    for problem in error.errors(include_input=False, include_context=False):
        name = str(problem["loc"][0]).upper() if problem["loc"] else "settings"
        lines.append(f"  {name}: {problem['msg'].removeprefix('Value error, ')}")
    return "\n".join(lines)
