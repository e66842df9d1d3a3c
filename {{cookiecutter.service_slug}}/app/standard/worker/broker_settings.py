"""Where the broker is, how many jobs a worker runs, and for how long."""

import os
from typing import TypeVar
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator

# {% if cookiecutter.use_database %}
from app.standard.database import DatabaseSettings

# {%- print "\n" %}
# {% endif %}
from app.standard.service import (
    # {% if not cookiecutter.use_database %}
    ServiceSettings,
    # {% endif %}
    SettingsError,
)

SCHEMES = ("amqp", "amqps", "redis", "rediss")
# Celery would take them in the place of what it is given.
OTHERS = ("CELERY_BROKER_URL", "CELERY_BROKER_READ_URL", "CELERY_BROKER_WRITE_URL")
# Nothing of it leaves the process: for tests, and for development without a broker.
IN_MEMORY = "memory://localhost"


class WorkerSettings(
    # {% if cookiecutter.use_database %}
    DatabaseSettings,
    # {% endif %}
    # {% if not cookiecutter.use_database %}
    ServiceSettings,
    # {% endif %}
):
    """Where the broker is, what a worker takes at once, and for how long."""

    broker_url: SecretStr | None = None
    worker_port: int | None = Field(default=None, ge=1, le=65535)
    worker_jobs: int = Field(default=20, ge=1)
    worker_shutdown_timeout: float = Field(default=20.0, ge=0)
    worker_longest_attempt: float = Field(default=1440.0, gt=0)
    worker_schedules: bool = False

    @property
    def broker(self) -> str:
        """The address of the broker, with its password."""
        return self.broker_url.get_secret_value() if self.broker_url else IN_MEMORY

    @property
    def lost_after(self) -> float:
        """The seconds after which Redis gives a job to another worker: when no attempt can run."""
        return self.worker_longest_attempt * 1.25

    @field_validator("broker_url")
    @classmethod
    def _check_broker(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if others := [name for name in OTHERS if os.environ.get(name)]:
            raise ValueError(f"is what counts: unset {', '.join(others)}")
        if value is None:
            if info.data.get("environment") == "production":
                raise ValueError("must be set in production")
            return None
        try:
            address = urlsplit(value.get_secret_value())
            is_good = address.scheme in SCHEMES and bool(address.hostname) and address.port != 0
        except ValueError:
            is_good = False
        if not is_good:
            wanted = "amqp://user:password@host:5672/ or redis://:password@host:6379/0"
            raise ValueError(f"must be an address such as {wanted}")
        return value


S = TypeVar("S", bound=WorkerSettings)


def settings_of_worker(settings: S) -> S:
    """Return the settings as a worker has them.

    Raises ``SettingsError`` where there is no broker, whose jobs it could run.
    """
    if settings.broker_url is None:
        raise SettingsError(
            "The worker does not start, because of its settings:\n"
            "  BROKER_URL: must be set, to what the service has"
        )
    # {% if cookiecutter.use_database %}
    # A connection for each job.
    wanted = settings.worker_jobs - settings.database_pool_size
    overflow = max(settings.database_pool_max_overflow, wanted)
    return settings.model_copy(update={"database_pool_max_overflow": overflow})
    # {% endif %}
    # {% if not cookiecutter.use_database %}
    return settings
    # {% endif %}
