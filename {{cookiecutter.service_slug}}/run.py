"""Serve the application on HTTP_PORT."""

# ruff: noqa: E402
import gc

# What the start makes stays: to look for garbage in it takes a tenth of the start.
gc.disable()

import signal

if __name__ == "__mp_main__":
    # Ctrl-C reaches each process, and the one that began this one stops it: for one that has died
    # in its start, it would wait WORKER_SECONDS.
    signal.signal(signal.SIGINT, signal.SIG_IGN)

import sys
from contextlib import suppress
from functools import partial
from typing import Any

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from app import create_app
from app.standard.contract import ContractError
from app.standard.framework import App
from app.standard.http import HttpSettings
from app.standard.http.connection import HttpConnection
from app.standard.service import SettingsError, configure_logging, load_settings
from config import Settings

# A worker that starts on a busy machine is silent for more than uvicorn's 5 seconds, and would be
# killed and started without end (https://github.com/Kludex/uvicorn/issues/2506).
WORKER_SECONDS = 30


def main() -> None:
    """Start the server; on SIGTERM or Ctrl-C it stops, and exits with 0."""
    try:
        settings = load_settings(Settings)
        app = create_app(settings)
    except (SettingsError, ContractError) as error:
        sys.exit(str(error))
    configure_logging(settings)
    # The server stops, then sends itself the signal again.
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
    if settings.http_workers > 1:
        serve("app:create_app", settings)
    else:
        serve(app, settings)


def serve(app: App | str, settings: HttpSettings) -> None:
    """Run the server until it is told to stop."""
    http: Any = partial(HttpConnection, head_seconds=settings.request_timeout)
    config = uvicorn.Config(
        app,
        factory=isinstance(app, str),
        host=settings.http_host,
        port=settings.http_port,
        workers=settings.http_workers,
        root_path=settings.root_path,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        timeout_graceful_shutdown=settings.shutdown_timeout,
        timeout_worker_healthcheck=WORKER_SECONDS,
        # A contract that names a function that is not there stops the start.
        lifespan="on",
        http=http,
        ws="none",
        # The logs are those of app/standard.
        log_config=None,
        access_log=False,
        server_header=False,
    )
    if config.workers == 1:
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config).run()
        return
    workers = _Workers(config, [config.bind_socket()])
    workers.run()
    if any(worker.exitcode == STARTUP_FAILURE for worker in workers.processes):
        sys.exit(STARTUP_FAILURE)


class _Workers(Multiprocess):
    """The processes that share the socket."""

    def keep_subprocess_alive(self) -> None:
        """Start those anew that are dead, or do not answer in time."""
        for worker in self.processes:
            # While we have its end of the pipe, too, one that dies when it is asked is waited for.
            worker.child_conn.close()
        super().keep_subprocess_alive()

    def terminate_all(self) -> None:
        """Stop them, and refuse new connections, which would wait in our copy of the socket."""
        # https://github.com/Kludex/uvicorn/pull/2010
        for listener in self.sockets:
            listener.close()
        super().terminate_all()


if __name__ == "__main__":
    main()
