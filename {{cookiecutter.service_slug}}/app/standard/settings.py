"""Typed settings from the environment, checked before anything starts."""

import os
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BeforeValidator, Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from pydantic_settings import SettingsError as UnreadableSetting

# {% print "DEFAULT_HTTP_PORT = " ~ cookiecutter.http_port ~ "\n" %}
# {% if false %}
DEFAULT_HTTP_PORT = 8080
# {% endif %}


def _split(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


CommaSeparated = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]


class SettingsError(ValueError):
    """A setting is missing or bad; the message names it and never holds its value."""


class ServiceSettings(BaseSettings):
    """The settings that every service has; durations are in seconds."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, env_ignore_empty=True)

    environment: Literal["development", "test", "production"] = "development"
    http_host: str = "127.0.0.1"
    http_port: int = Field(default=DEFAULT_HTTP_PORT, ge=0, le=65535)
    http_workers: int = Field(default=1, ge=1)
    # {% if cookiecutter.framework == "flask" %}
    wsgi_threads: int = Field(default=40, ge=1)
    # {% endif %}
    root_path: str = Field(default="", pattern=r"^(/[^/?#\s]+)*$")
    trusted_proxies: CommaSeparated = ()
    shutdown_timeout: int = Field(default=20, ge=1)
    request_timeout: float = Field(default=30.0, gt=0)
    request_concurrency: int = Field(default=200, ge=1)
    request_max_bytes: int = Field(default=1_048_576, ge=0)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = "INFO"
    log_redacted_words: CommaSeparated = ()
    cors_allow_origins: CommaSeparated = ()
    cors_allow_credentials: bool = False
    hsts_max_age: int = Field(default=0, ge=0)
    serve_api_docs: bool = True

    @field_validator("cors_allow_credentials")
    @classmethod
    def _refuse_any_origin(cls, value: bool, info: ValidationInfo) -> bool:
        if value and "*" in info.data.get("cors_allow_origins", ()):
            raise ValueError("must not be true while CORS_ALLOW_ORIGINS is *: name the origins")
        return value


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
