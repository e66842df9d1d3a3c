"""Serve the application on HTTP_PORT."""

import sys

import uvicorn

from app import create_app
from app.standard.settings import SettingsError, load_settings
from config import Settings


def main() -> None:
    """Start the server; it stops on SIGTERM or Ctrl-C."""
    try:
        settings = load_settings(Settings)
    except SettingsError as error:
        sys.exit(str(error))
    uvicorn.run(
        create_app(settings),
        host=settings.http_host,
        port=settings.http_port,
        # A contract that names a function that is not there stops the start.
        lifespan="on",
        # The logs are those of app/standard.
        log_config=None,
        access_log=False,
        server_header=False,
    )


if __name__ == "__main__":
    main()
