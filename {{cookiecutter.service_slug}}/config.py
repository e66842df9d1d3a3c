"""The settings of this service, read from the environment and, in development, from .env."""

from app.modules import StandardSettings


class Settings(StandardSettings):
    """The standard settings and the service's own.

    An attribute is a setting: ``page_size: int = 100`` is read from ``PAGE_SIZE``.
    """
