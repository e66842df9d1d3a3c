"""What the operations of jobs.yml do, for those who run the service.

Arguments of jobs are shown nowhere: they may hold secrets.
"""

from dataclasses import dataclass
from datetime import datetime

import structlog
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.domain.models import TableChangedEvent, utc_now
from pgqueuer.domain.types import Channel, JobId
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.standard.database import session
from app.standard.http import ServiceError
from app.standard.service import current_application
from app.standard.worker.overview import WORKERS, Durations, TaskOverview, look_over
from app.standard.worker.queue import NAMES, STATE, STATES, OnConnection, State, queries_on
from app.standard.worker.running import ATTEMPTS, HANDED_BACK

# PgQueuer's own list has the oldest first, and the arguments. An error that is not a task's may
# tell anything in its message, so that only its kind is shown.
JOBS = text(f"""
    select id, entrypoint as task, created as created_at, execute_after as due_at,
        updated as updated_at, ({ATTEMPTS.replace("$1", "job.id")}) as attempts,
        case status::text when 'picked' then 'running' else status::text end as state,
        coalesce((
            select case when traceback ->> 'exception_type' in ('JobFailed', 'RetryRequested')
                then traceback ->> 'exception_message' else traceback ->> 'exception_type' end
            from pgqueuer_log where job_id = job.id and traceback is not null
                and traceback ->> 'exception_message' <> '{HANDED_BACK}'
            order by id desc limit 1
        ), '') as last_error
    from pgqueuer as job
    where (cast(:status as text) is null or status::text = :status)
        and (cast(:task as text) is null or entrypoint = :task)
    order by id desc limit :limit
""")  # noqa: S608  (of constants alone)
LOCK = text("select status::text, entrypoint from pgqueuer where id = :id for update")
STATUSES = {state: status for status, state in STATES.items()}

logger = structlog.stdlib.get_logger(__name__)


class JobNotFound(ServiceError):
    """No job has the given id; it may have ended."""

    status = 404
    title = "Job not found"


class JobCannotRetry(ServiceError):
    """The job has not failed, or another one with its key waits or runs."""

    status = 409
    title = "Job cannot run again"


@dataclass(frozen=True, slots=True)
class JobInQueue:
    """A job that waits, runs or has failed."""

    id: int
    task: str
    state: State
    attempts: int
    created_at: datetime
    due_at: datetime
    updated_at: datetime
    last_error: str


@dataclass(frozen=True, slots=True)
class JobList:
    """How the queue is doing, and jobs of it."""

    workers: int
    oldest_due_seconds: float
    tasks: list[TaskOverview]
    jobs: list[JobInQueue]


async def list_jobs(
    state: State | None = None, task: str | None = None, limit: int = 100
) -> JobList:
    """Return how the queue is doing, and its newest jobs."""
    wanted = {"status": state and STATUSES[state], "task": task, "limit": limit}
    durations = current_application().resource(Durations)
    async with session() as work:
        rows = (await work.execute(JOBS, wanted)).mappings()
        return JobList(
            workers=await work.scalar(WORKERS) or 0,
            oldest_due_seconds=(await work.execute(STATE)).one().oldest_seconds,
            tasks=await look_over(await _queries_of(work), durations),
            jobs=[JobInQueue(**row) for row in rows],
        )


async def retry_job(job_id: int) -> None:
    """Let a job that has failed run again, from now on, with all its attempts."""
    try:
        async with session() as work:
            state, task = await _lock(work, job_id)
            if state != "failed":
                raise JobCannotRetry(f"The job {job_id} is {state}.")
            queries = await _queries_of(work)
            await queries.requeue_jobs([JobId(job_id)])
            await _tell_workers(queries)
    except IntegrityError as error:
        raise JobCannotRetry(f"Another job with the key of {job_id} waits or runs.") from error
    logger.info("job retried", job=job_id, task=task)


async def remove_job(job_id: int) -> None:
    """Remove a job; the worker that runs it is told to stop."""
    async with session() as work:
        state, task = await _lock(work, job_id)
        await (await _queries_of(work)).mark_job_as_cancelled([JobId(job_id)])
    logger.info("job removed", job=job_id, task=task, state=state)


async def _lock(work: AsyncSession, job_id: int) -> tuple[State, str]:
    """Return the state and the task of a job, which stay until the end of the transaction."""
    row = (await work.execute(LOCK, {"id": job_id})).one_or_none()
    if row is None:
        raise JobNotFound(f"No job that waits, runs or has failed has the id {job_id}.")
    return STATES[row.status], row.entrypoint


async def _queries_of(work: AsyncSession) -> Queries:
    return queries_on(OnConnection(await work.connection()))


async def _tell_workers(queries: Queries) -> None:
    # The trigger of PgQueuer does not, for an update.
    channel = Channel(NAMES.channel)
    event = TableChangedEvent(
        channel=channel,
        operation="update",
        sent_at=utc_now(),
        table=NAMES.queue_table,
        type="table_changed_event",
    )
    await queries.driver.notify(channel, event.model_dump_json())
