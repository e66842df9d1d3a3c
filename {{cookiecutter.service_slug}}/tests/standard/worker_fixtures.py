"""A worker for tests: it runs what waits in the queue, in the process of the test."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

import pytest
from sqlalchemy import text

from app import tasks
from app.standard.database import Database, open_database
from app.standard.service import Application, make_current
from app.standard.worker import Worker, collect_tasks
from config import Settings

ENDED = text(
    "select entrypoint, status::text from pgqueuer_log"
    " where id > :seen and status not in ('queued', 'picked') order by id"
)
SEEN = text("select coalesce(max(id), 0) from pgqueuer_log")

RunJobs = Callable[..., list[tuple[str, str]]]
T = TypeVar("T")


def in_service(settings: Settings, work: Callable[[Database], Awaitable[T]]) -> T:
    """Run an async function as in the service, with its database; return what it returns."""

    async def run() -> T:
        application = Application(settings=settings, contract={})
        make_current(application)
        async with open_database(settings) as database:
            application.resources[Database] = database
            return await work(database)

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
