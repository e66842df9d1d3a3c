"""How a job gets into the queue: with the transaction of the caller, or not at all."""

from collections.abc import Iterable
from itertools import islice
from typing import ParamSpec

import structlog

# {%- if cookiecutter.use_telemetry +%}
from opentelemetry import propagate

# {%- endif +%}
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from app.standard.database import session
from app.standard.worker.queue import OnConnection, queries_on
from app.standard.worker.tasks import NewJob, Task

P = ParamSpec("P")
# Of a statement: what is enqueued may be more than memory holds.
AT_ONCE = 1000


async def enqueue(task: Task[P], *args: P.args, **kwargs: P.kwargs) -> int | None:
    """Have a worker run a task, from now on; in a transaction, use ``enqueue_in``.

    Returns the id of the job, or None if one with the same key waits or runs. Raises ``TypeError``
    or pydantic's ``ValidationError`` for arguments that the task cannot take.
    """
    [number] = await enqueue_all([task.job(*args, **kwargs)])
    return number


async def enqueue_in(
    work: AsyncSession | AsyncConnection, task: Task[P], *args: P.args, **kwargs: P.kwargs
) -> int | None:
    """Have a worker run a task when this transaction has been committed; see ``enqueue``."""
    [number] = await enqueue_all_in(work, [task.job(*args, **kwargs)])
    return number


async def enqueue_all(jobs: Iterable[NewJob]) -> list[int | None]:
    """Have workers run the jobs, all or none; in a transaction, use ``enqueue_all_in``.

    Returns the id of each, or None in its place if one with the same key waits or runs.
    """
    async with session() as work:
        return await enqueue_all_in(work, jobs)


async def enqueue_all_in(
    work: AsyncSession | AsyncConnection, jobs: Iterable[NewJob]
) -> list[int | None]:
    """Have workers run the jobs when this transaction has been committed; see ``enqueue_all``."""
    connection = await work.connection() if isinstance(work, AsyncSession) else work
    queries = queries_on(OnConnection(connection))
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    headers = {"request_id": request_id} if request_id else {}
    # {% if cookiecutter.use_telemetry %}
    propagate.inject(headers)
    # {% endif %}
    numbers: list[int | None] = []
    waiting = iter(jobs)
    while some := list(islice(waiting, AT_ONCE)):
        numbers += await queries.enqueue(
            [job.task for job in some],
            [job.payload for job in some],
            [0] * len(some),
            dedupe_key=[job.key for job in some],
            headers=[headers or None] * len(some),
            on_conflict="skip",
        )
    return numbers
