"""The queue in the database: PgQueuer's tables, whatever the environment calls them.

This is the one place that knows its names. Its settings would read variables such as ``CHANNEL``
and ``FUNCTION``, which may be the service's own.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Literal

from pgqueuer.adapters.persistence.qb import (
    QueryBuilderEnvironment,
    QueryQueueBuilder,
    QuerySchedulerBuilder,
)
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.domain.models import Job as QueuedJob
from pgqueuer.domain.settings import DBSettings
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from app.standard.database import Database

NAMES = DBSettings(
    prefix="",
    db_schema=None,
    channel="ch_pgqueuer",
    function="fn_pgqueuer_changed",
    statistics_table="pgqueuer_statistics",
    queue_status_type="pgqueuer_status",
    queue_table="pgqueuer",
    queue_table_log="pgqueuer_log",
    trigger="tg_pgqueuer_changed",
    schedules_table="pgqueuer_schedules",
)
BUILDERS = (
    QueryBuilderEnvironment(NAMES),
    QueryQueueBuilder(NAMES),
    QuerySchedulerBuilder(NAMES),
)
STATE = text(
    "select count(*) filter (where status = 'queued') as queued,"
    " count(*) filter (where status = 'picked') as running,"
    " count(*) filter (where status = 'failed') as failed,"
    " coalesce(extract(epoch from now() - min(execute_after)"
    " filter (where status = 'queued' and execute_after <= now())), 0)::float as oldest_seconds"
    " from pgqueuer"
)
# Of jobs that have ended; what a page shows of them stays in the statistics as long.
FORGET = (
    text(
        "delete from pgqueuer_log where aggregated and created < now() - make_interval(days => :days)"
    ),
    text("delete from pgqueuer_statistics where created < now() - make_interval(days => :days)"),
)
HISTORY_SECONDS = 3600.0
STATUS = text("select status::text from pgqueuer where id = :number")
State = Literal["queued", "running", "failed"]
STATES: dict[object, State] = {"queued": "queued", "picked": "running", "failed": "failed"}
# Of the loop, in which jobs that wait for nothing end.
TURNS = 3


class OnConnection:
    """The driver of a transaction of SQLAlchemy's, which begins it where none has begun.

    On the connection of asyncpg below, a first statement would be committed at once.
    """

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection
        # PgQueuer may ask for two things at once, which one connection cannot do.
        self._turn = asyncio.Lock()

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        """Return the rows of a query."""
        async with self._turn:
            result = await self.connection.exec_driver_sql(query, args)
        return [dict(row) for row in result.mappings()]

    async def execute(self, query: str, *args: object) -> str:
        """Run a statement."""
        async with self._turn:
            await self.connection.exec_driver_sql(query, args)
        return ""

    async def notify(self, channel: str, payload: str) -> None:
        """Tell those who listen, when the transaction commits."""
        await self.execute("select pg_notify($1, $2)", channel, payload)


def queries_on(driver: Any) -> Queries:
    """Return what PgQueuer asks of the database, over one of its drivers."""
    return Queries(driver, *BUILDERS)


class BoundedQueries(Queries):
    """Takes no more jobs than there are free places.

    PgQueuer's own bound counts jobs that have run, too, until their end is written, and so lets
    half as many be taken at once.
    """

    def __init__(self, driver: Any, free_places: Callable[[], int]) -> None:
        super().__init__(driver, *BUILDERS)
        self.free_places = free_places

    async def dequeue(self, batch_size: int, *args: Any, **kwargs: Any) -> list[QueuedJob]:
        """Take at most so many jobs."""
        for _ in range(TURNS):
            if free := min(self.free_places(), batch_size):
                return await super().dequeue(free, *args, **kwargs)
            await asyncio.sleep(0)
        return []


async def job_state(work: AsyncSession | AsyncConnection, number: int) -> State | None:
    """Return the state of a job, or None if it has ended."""
    return STATES.get(await work.scalar(STATUS, {"number": number}))


async def describe_queue(database: Database) -> dict[str, object]:
    """Count the jobs by state, and tell for how many seconds the oldest one has been due.

    Where the queue is missing or not ours to read, there is nothing to tell, which is no fault of
    the requests that need none.
    """
    async with database.connect_for_probe() as connection:
        try:
            return dict((await connection.execute(STATE)).mappings().one())
        except ProgrammingError:
            return {}


async def forget_history(database: Database, days: int) -> float:
    """Delete what is older, and return the seconds until this is worth while again."""
    async with database.session() as work:
        for statement in FORGET:
            await work.execute(statement, {"days": days})
    return HISTORY_SECONDS
