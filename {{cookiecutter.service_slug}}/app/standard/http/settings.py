"""How the service is reached, and what a request may take."""

from pydantic import Field, ValidationInfo, field_validator

from app.standard.service import CommaSeparated, ServiceSettings

# {% print "DEFAULT_HTTP_PORT = " ~ cookiecutter.http_port ~ "\n" %}
# {% if false %}
DEFAULT_HTTP_PORT = 8080
# {% endif %}


class HttpSettings(ServiceSettings):
    """Addresses, limits, and what browsers are told."""

    http_host: str = "127.0.0.1"
    http_port: int = Field(default=DEFAULT_HTTP_PORT, ge=0, le=65535)
    http_workers: int = Field(default=1, ge=1)
    root_path: str = Field(default="", pattern=r"^(/[^/?#\s]+)*$")
    trusted_proxies: CommaSeparated = ()
    shutdown_timeout: int = Field(default=20, ge=1)
    request_timeout: float = Field(default=30.0, gt=0)
    request_concurrency: int = Field(default=200, ge=1)
    request_max_bytes: int = Field(default=1_048_576, ge=0)
    cors_allow_origins: CommaSeparated = ()
    cors_allow_credentials: bool = False
    hsts_max_age: int = Field(default=0, ge=0)

    @field_validator("cors_allow_credentials")
    @classmethod
    def _refuse_any_origin(cls, value: bool, info: ValidationInfo) -> bool:
        if value and "*" in info.data.get("cors_allow_origins", ()):
            raise ValueError("must not be true while CORS_ALLOW_ORIGINS is *: name the origins")
        return value
