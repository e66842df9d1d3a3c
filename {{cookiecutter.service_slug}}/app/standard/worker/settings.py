"""How many jobs a worker runs, and where it answers."""

from pydantic import Field, SecretStr, field_validator

from app.standard.database import DatabaseSettings, to_asyncpg_url
from app.standard.service import SettingsError


class WorkerSettings(DatabaseSettings):
    """What a worker takes at once, and for how long."""

    worker_port: int | None = Field(default=None, ge=1, le=65535)
    worker_jobs: int = Field(default=10, ge=2)
    worker_shutdown_timeout: float = Field(default=20.0, ge=0)
    worker_lost_after: float = Field(default=30.0, ge=1)
    worker_history_days: int = Field(default=30, ge=1)
    worker_database_url: SecretStr | None = None

    @field_validator("worker_database_url")
    @classmethod
    def _check_direct_url(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            to_asyncpg_url(value.get_secret_value())
        return value


def check_direct(settings: WorkerSettings) -> None:
    """Raise ``SettingsError`` where a pooler by transaction would keep notifications back."""
    if settings.database_pooler == "transaction" and settings.worker_database_url is None:
        raise SettingsError(
            "The worker does not start, because of its settings:\n"
            "  WORKER_DATABASE_URL: must be an address without the pooler of DATABASE_URL"
        )
