"""The settings of this service, read from the environment and, in development, from .env."""

from pathlib import Path

from app.modules import StandardSettings


class Settings(StandardSettings):
    """The standard settings and the service's own.

    An attribute is a setting: ``page_size: int = 100`` is read from ``PAGE_SIZE``.
    """

    # What is loaded anew each night; whoever has a newer release puts it there.
    bduk_file: Path = Path("data/bduk_barton_st_david_2026-05.csv")
    bduk_community: str = "Barton St David"
