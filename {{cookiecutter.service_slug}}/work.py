"""Run the jobs of the service, until told to stop; it answers probes at WORKER_PORT."""

import signal
import sys
from contextlib import suppress
from functools import partial
from typing import Any

import uvicorn
from starlette.applications import Starlette

from app import tasks
from app.standard import (
    # {% if cookiecutter.use_auth %}
    auth,
    # {% endif %}
    # {% if cookiecutter.use_clients %}
    clients,
    # {% endif %}
    # {% if cookiecutter.use_database %}
    database,
    # {% endif %}
    service,
    # {% if cookiecutter.use_telemetry %}
    telemetry,
    # {% endif %}
    # {% if cookiecutter.queue == "celery" %}
    worker,
    # {% endif %}
)
from app.standard.framework.lifespan import run_lifespans
from app.standard.service import Application, SettingsError, configure_logging, load_settings
from app.standard.worker import Task, TaskError, collect_tasks, settings_of_worker, working
from config import Settings


def main() -> None:
    """Start the worker; on SIGTERM or Ctrl-C it stops, and exits with 0."""
    try:
        settings = settings_of_worker(load_settings(Settings))
        jobs = collect_tasks(vars(tasks).values())
    except (SettingsError, TaskError) as error:
        sys.exit(str(error))
    configure_logging(settings)
    # The server stops, then sends itself the signal again.
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
    config = uvicorn.Config(
        create_worker(settings, jobs),
        host=settings.http_host,
        port=settings.worker_port or settings.http_port + 1,
        timeout_graceful_shutdown=settings.shutdown_timeout,
        lifespan="on",
        ws="none",
        # The logs are those of app/standard.
        log_config=None,
        access_log=False,
        server_header=False,
    )
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run()


def create_worker(settings: Settings, jobs: dict[str, Task[Any]]) -> Starlette:
    """Build the application of a worker: the standard's health, what tasks need, and the jobs."""
    application = Application(settings=settings, contract={})
    # {% if cookiecutter.use_telemetry %}
    telemetry.init_app(application)
    # {% endif %}
    add_what_tasks_need(application)
    application.lifespans.append(partial(working, application, jobs))
    return Starlette(routes=application.routes, lifespan=partial(run_lifespans, application))


def add_what_tasks_need(application: Application) -> None:
    """Add what tasks have of the service, in a worker and in tests of jobs."""
    for module in (
        service,
        # {% if cookiecutter.use_clients %}
        clients,
        # {% endif %}
        # {% if cookiecutter.use_database %}
        database,
        # {% endif %}
        # {% if cookiecutter.queue == "celery" %}
        worker,
        # {% endif %}
    ):
        module.init_app(application)
    # {% if cookiecutter.use_auth %}
    # Nobody calls a worker, but its tasks may call others.
    auth.add_token_sources(application)
    # {% endif %}


if __name__ == "__main__":
    main()
