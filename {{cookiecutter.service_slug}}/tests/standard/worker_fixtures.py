"""A worker for tests: it runs what waits in the queue, in the process of the test."""

import asyncio
from collections.abc import Callable, Iterable

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


@pytest.fixture
def run_jobs(settings: Settings) -> RunJobs:
    """Give the function that runs jobs until none is left, those to be retried included.

    It returns the name of each task, and what became of its job: successful, failed or canceled.
    """

    async def run(declared: Iterable[object]) -> list[tuple[str, str]]:
        application = Application(settings=settings, contract={})
        make_current(application)
        async with open_database(settings) as database:
            application.resources[Database] = database
            async with database.connect() as connection:
                seen = await connection.scalar(SEEN)
            await Worker(settings, collect_tasks(declared)).run_until_empty()
            async with database.connect() as connection:
                rows = await connection.execute(ENDED, {"seen": seen})
                return [(name, status) for name, status in rows]

    def run_all(declared: Iterable[object] | None = None) -> list[tuple[str, str]]:
        return asyncio.run(run(vars(tasks).values() if declared is None else declared))

    return run_all
