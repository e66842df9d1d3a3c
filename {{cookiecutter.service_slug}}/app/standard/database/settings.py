"""Where the database is, and how many connections the service takes."""

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from app.standard.service import ServiceSettings


class DatabaseSettings(ServiceSettings):
    """Where the database is and how many connections the service takes."""

    database_url: SecretStr | None = None
    database_pool_size: int = Field(default=5, ge=1)
    database_pool_max_overflow: int = Field(default=10, ge=0)
    database_pool_timeout: float = Field(default=5.0, gt=0)
    database_migrations_required: bool = True

    @field_validator("database_url")
    @classmethod
    def _check_url(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if value is not None:
            to_asyncpg_url(value.get_secret_value())
        elif info.data.get("environment") == "production":
            raise ValueError("must be set in production")
        return value


def to_asyncpg_url(url: str) -> URL:
    """Name asyncpg as the driver, and libpq's ``sslmode`` as asyncpg does.

    Raises ``ValueError``, without the address, if it is not one of PostgreSQL.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # Both messages hold a part of the address.
        parsed = None
    if parsed is None or parsed.get_backend_name() not in ("postgresql", "postgres"):
        raise ValueError("must be an address such as postgresql://user:password@host:5432/name")
    query = dict(parsed.query)
    if "sslmode" in query:
        query["ssl"] = query.pop("sslmode")
    if unknown := sorted(query.keys() - {"host", "port", "ssl"}):
        raise ValueError(f"has options that asyncpg does not know: {', '.join(unknown)}")
    return parsed.set(drivername="postgresql+asyncpg", query=query)
