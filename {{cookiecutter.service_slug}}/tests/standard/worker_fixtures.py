"""A worker for tests: it runs what waits in the queue, in the process of the test."""

# {% if false %}
# mypy: disable-error-code="arg-type, assignment, attr-defined, no-redef"
# ruff: noqa: F811
# {% endif %}
import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

import pytest

# {%- if cookiecutter.queue == "pgqueuer" +%}
from sqlalchemy import text

# {% else %}
# {% print "\n\n" %}
# {% endif %}
from app import tasks

# {%- if cookiecutter.queue == "pgqueuer" +%}
from app.standard.database import Database

# {%- endif +%}
from app.standard.framework.lifespan import run_lifespans
from app.standard.service import Application, make_current

# {%- if cookiecutter.queue == "pgqueuer" +%}
from app.standard.worker import Worker, collect_tasks

# {%- else +%}
# {% if false %}
# isort: split
# {% endif %}
from app.standard.worker import Attempts, Broker, collect_tasks

# {%- endif +%}
from config import Settings
from work import add_what_tasks_need

# {% if cookiecutter.queue == "pgqueuer" %}
ENDED = text(
    "select entrypoint, status::text from pgqueuer_log"
    " where id > :seen and status not in ('queued', 'picked') order by id"
)
SEEN = text("select coalesce(max(id), 0) from pgqueuer_log")

# {% endif %}
RunJobs = Callable[..., list[tuple[str, str]]]
T = TypeVar("T")


def make_application(settings: Settings) -> Application:
    """Make an application that has what tasks have in a worker."""
    application = Application(settings=settings, contract={})
    add_what_tasks_need(application)
    make_current(application)
    return application


# {% if cookiecutter.queue == "pgqueuer" %}
def in_service(settings: Settings, work: Callable[[Database], Awaitable[T]]) -> T:
    """Run an async function as in the service, with its database; return what it returns."""

    async def run() -> T:
        application = make_application(settings)
        async with run_lifespans(application, None):
            return await work(application.resource(Database))

    return asyncio.run(run())


@pytest.fixture
def run_jobs(settings: Settings) -> RunJobs:
    """Give the function that runs jobs until none is left, those to be retried included.

    It returns the name of each task, and what became of its job: successful, failed or canceled.
    """

    def run_all(declared: Iterable[object] | None = None) -> list[tuple[str, str]]:
        jobs = collect_tasks(vars(tasks).values() if declared is None else declared)

        async def run(database: Database) -> list[tuple[str, str]]:
            async with database.connect() as connection:
                seen = await connection.scalar(SEEN)
            await Worker(settings, jobs).run_until_empty()
            async with database.connect() as connection:
                rows = await connection.execute(ENDED, {"seen": seen})
                return [(name, status) for name, status in rows]

        return in_service(settings, run)

    return run_all


# {%- else %}
def in_service(settings: Settings, work: Callable[[Application], Awaitable[T]]) -> T:
    """Run an async function as in the service, with its broker; return what it returns."""

    async def run() -> T:
        application = make_application(settings)
        async with run_lifespans(application, None):
            return await work(application)

    return asyncio.run(run())


@pytest.fixture
def run_jobs(settings: Settings) -> RunJobs:
    """Give the function that runs jobs until none is left, those to be retried included, at once.

    It returns the name of each task, and what became of its job: successful or failed.
    """

    async def run(application: Application, declared: Iterable[object]) -> list[tuple[str, str]]:
        attempts = Attempts(application, collect_tasks(declared), longest=60.0)
        broker = application.resource(Broker)
        ended = []
        while (message := broker.take()) is not None:
            outcome, _ = await asyncio.create_task(attempts.make(message))
            if outcome != "to be retried":
                ended.append((message.task, outcome.replace("done", "successful")))
        return ended

    def run_all(declared: Iterable[object] | None = None) -> list[tuple[str, str]]:
        given = vars(tasks).values() if declared is None else declared
        return in_service(settings, lambda application: run(application, given))

    # The queue is the process's, and may have jobs of another test.
    in_service(settings, lambda application: asyncio.to_thread(application.resource(Broker).empty))
    return run_all


# {%- endif +%}
