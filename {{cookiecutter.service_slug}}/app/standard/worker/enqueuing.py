"""How a job gets into the queue: with the transaction of the caller, or not at all."""

from typing import ParamSpec

import structlog

# {%- if cookiecutter.use_telemetry +%}
from opentelemetry import propagate

# {%- endif +%}
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from app.standard.database import session
from app.standard.worker.queue import OnConnection, queries_on
from app.standard.worker.tasks import Task

P = ParamSpec("P")


async def enqueue(task: Task[P], *args: P.args, **kwargs: P.kwargs) -> int | None:
    """Have a worker run a task, from now on; in a transaction, use ``enqueue_in``.

    Returns the id of the job, or None if one with the same key waits or runs. Raises ``TypeError``
    or pydantic's ``ValidationError`` for arguments that the task cannot take.
    """
    async with session() as work:
        return await enqueue_in(work, task, *args, **kwargs)


async def enqueue_in(
    work: AsyncSession | AsyncConnection, task: Task[P], *args: P.args, **kwargs: P.kwargs
) -> int | None:
    """Have a worker run a task when this transaction has been committed; see ``enqueue``."""
    payload, key = task.dump(*args, **kwargs)
    connection = await work.connection() if isinstance(work, AsyncSession) else work
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    headers = {"request_id": request_id} if request_id else {}
    # {% if cookiecutter.use_telemetry %}
    propagate.inject(headers)
    # {% endif %}
    [number] = await queries_on(OnConnection(connection)).enqueue(
        task.name,
        payload,
        dedupe_key=key,
        headers=headers or None,
        on_conflict="skip",
    )
    return number
