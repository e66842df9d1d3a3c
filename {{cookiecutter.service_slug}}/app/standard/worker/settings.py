"""How many jobs a worker runs, and where it answers."""

from typing import TypeVar

from pydantic import Field, SecretStr, field_validator

from app.standard.database import DatabaseSettings, to_asyncpg_url
from app.standard.service import SettingsError


class WorkerSettings(DatabaseSettings):
    """What a worker takes at once, and for how long."""

    worker_port: int | None = Field(default=None, ge=1, le=65535)
    worker_jobs: int = Field(default=20, ge=1)
    worker_shutdown_timeout: float = Field(default=20.0, ge=0)
    worker_lost_after: float = Field(default=30.0, ge=1)
    worker_history_days: int = Field(default=30, ge=1)
    worker_database_url: SecretStr | None = None
    serve_jobs: bool | None = None

    @property
    def are_jobs_served(self) -> bool:
        """Whether the operations on jobs are there."""
        # {% if cookiecutter.use_auth %}
        return self.serve_jobs is not False
        # {% endif %}
        # {% if not cookiecutter.use_auth %}
        # Whoever reaches the service may call them.
        return self.environment != "production" if self.serve_jobs is None else self.serve_jobs
        # {% endif %}

    @field_validator("worker_database_url")
    @classmethod
    def _check_direct_url(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            to_asyncpg_url(value.get_secret_value())
        return value


S = TypeVar("S", bound=WorkerSettings)


def settings_of_worker(settings: S) -> S:
    """Return the settings as a worker has them: with a connection for each job.

    Raises ``SettingsError`` where a pooler by transaction would keep notifications back.
    """
    if settings.database_pooler == "transaction" and settings.worker_database_url is None:
        raise SettingsError(
            "The worker does not start, because of its settings:\n"
            "  WORKER_DATABASE_URL: must be an address without the pooler of DATABASE_URL"
        )
    wanted = settings.worker_jobs - settings.database_pool_size
    overflow = max(settings.database_pool_max_overflow, wanted)
    return settings.model_copy(update={"database_pool_max_overflow": overflow})
