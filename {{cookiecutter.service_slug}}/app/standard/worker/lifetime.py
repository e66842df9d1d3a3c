"""The life of a worker: it takes jobs while it is there, and at its end none is left half done."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

# {%- if cookiecutter.use_telemetry +%}
from functools import partial

# {%- endif +%}
from typing import Any

import structlog

from app.standard.service import Application, make_current

# {%- if cookiecutter.use_telemetry +%}
from app.standard.telemetry import count_queue

# {%- endif +%}
from app.standard.worker.attempts import Attempts
from app.standard.worker.broker_settings import WorkerSettings
from app.standard.worker.consuming import Worker

# {%- if cookiecutter.use_telemetry +%}
from app.standard.worker.sending import describe_queue

# {%- endif +%}
from app.standard.worker.tasks import Task
from app.standard.worker.timing import keep_schedule

# A job that was told to end can write down so long what it has to.
LET_GO_SECONDS = 5.0

logger = structlog.stdlib.get_logger(__name__)


# {% if cookiecutter.use_telemetry %}
async def _tell_queue(application: Application) -> None:
    while True:
        seconds = await count_queue(partial(describe_queue, application))
        await asyncio.sleep(seconds)


# {% endif %}
@asynccontextmanager
async def working(application: Application, tasks: dict[str, Task[Any]]) -> AsyncIterator[None]:
    """Run the jobs of these tasks while the application runs, and keep schedules where it is to.

    At the end, jobs have ``WORKER_SHUTDOWN_TIMEOUT`` seconds; then they are handed back. A job
    that does not let go ends with the process, and runs again when the broker misses it.
    """
    settings = application.settings_as(WorkerSettings)
    make_current(application)
    attempts = Attempts(application, tasks, settings.worker_longest_attempt)
    worker = Worker(application, attempts)
    application.readiness_checks["worker"] = worker.check
    worker.start()
    async with AsyncExitStack() as stack:
        for task in tasks.values():
            if (task.deadline or 0) > settings.worker_longest_attempt:
                logger.warning("its attempts end before its deadline", task=task.name)
            if task.schedule and settings.worker_schedules:
                stack.callback(asyncio.create_task(keep_schedule(task)).cancel)
        # {% if cookiecutter.use_telemetry %}
        stack.callback(asyncio.create_task(_tell_queue(application)).cancel)
        # {% endif %}
        yield
    worker.take_no_more()
    await attempts.wait(settings.worker_shutdown_timeout)
    attempts.hand_back()
    if not await worker.end(LET_GO_SECONDS):
        logger.error("jobs do not let go, and end with the worker")
        os._exit(1)
