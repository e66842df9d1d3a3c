"""Where the database is, and how many connections the service takes."""

from typing import Literal

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from app.standard.database.address import to_asyncpg_url
from app.standard.service import ServiceSettings

Pooler = Literal["session", "transaction"]


class DatabaseSettings(ServiceSettings):
    """Where the database is and how many connections the service takes."""

    database_url: SecretStr | None = None
    database_pooler: Pooler = "session"
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
