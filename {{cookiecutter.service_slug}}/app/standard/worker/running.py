"""How one attempt of a job goes, and what becomes of the job after it."""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.domain.errors import RetryRequested
from pgqueuer.domain.models import Context
from pgqueuer.domain.models import Job as QueuedJob

# {% if cookiecutter.use_telemetry %}
from app.standard.telemetry import tell_outcome, told_attempt

# {%- print "\n" %}
# {% endif %}
from app.standard.worker.tasks import Job, Task

HANDED_BACK = "handed back"
# So long may each thing take that a job does when it was told to end.
TELL_AGAIN_SECONDS = 2.0
# PgQueuer does not count what ended with its worker. Each attempt leaves a row `picked`; those that
# were handed back do not count, nor does what was before somebody had a failed job run again.
ATTEMPTS = f"""
    select count(*) filter (where status = 'picked')
        - count(*) filter (where traceback ->> 'exception_message' = '{HANDED_BACK}') as attempts
    from pgqueuer_log
    where job_id = $1 and id > coalesce(
        (select max(id) from pgqueuer_log
         where job_id = $1 and status = 'queued' and traceback is null), 0)
"""  # noqa: S608  (of constants alone)

logger = structlog.stdlib.get_logger(__name__)


class JobFailed(Exception):
    """A job has had its last attempt; the message is the kind of its error."""


class WorkerLost(Exception):
    """The worker of each attempt ended in the middle of it."""


def _is_news(record: logging.LogRecord) -> bool:
    is_known = record.exc_info and isinstance(record.exc_info[1], JobFailed)
    return record.levelno > logging.INFO and not is_known


# Its lines of a job that failed would be the second ones.
logging.getLogger("pgqueuer").addFilter(_is_news)


@dataclass
class Attempts:
    """The attempts at the jobs of a task.

    The queue keeps the kind of an error; all of it is in the log.
    """

    task: Task[Any]
    queries: Queries
    lost_after: timedelta
    is_ending: Callable[[], bool]

    # {% if cookiecutter.use_telemetry %}
    @told_attempt
    # {% endif %}
    async def make(self, job: QueuedJob, context: Context) -> None:
        """Run a job once, and log how it went; raise ``RetryRequested`` if it shall run again."""
        if self.is_ending():
            raise RetryRequested(reason=HANDED_BACK)
        number = await self._number(job)
        started = time.monotonic()
        structlog.contextvars.bind_contextvars(
            request_id=(job.headers or {}).get("request_id"),
            job=job.id,
            task=self.task.name,
            attempt=number,
        )
        attempt = await self._run_in(context, job, number)
        error = None if attempt.cancelled() else attempt.result()
        outcome = self._outcome(error, number, attempt.cancelled())
        duration = round((time.monotonic() - started) * 1000, 1)
        # {% if cookiecutter.use_telemetry %}
        tell_outcome(self.task.name, number, outcome, duration / 1000, error)
        # {% endif %}
        log = logger.info if error is None else logger.error
        log("job", outcome=outcome, duration_ms=duration, exc_info=error)
        if outcome == HANDED_BACK:
            raise RetryRequested(reason=HANDED_BACK)
        if outcome == "failed":
            raise JobFailed(type(error).__name__)
        if outcome == "to be retried":
            delay = timedelta(seconds=self.task.delay_after(number))
            raise RetryRequested(delay, type(error).__name__)

    async def _run_in(
        self, context: Context, job: QueuedJob, number: int
    ) -> asyncio.Task[BaseException | None]:
        attempt = asyncio.create_task(self._run(job, number))
        with context.cancellation:
            await asyncio.wait({attempt})
        # Not at each await from now on, as PgQueuer's scope would: it may write something down.
        while not attempt.done():
            attempt.cancel()
            await asyncio.wait({attempt}, timeout=TELL_AGAIN_SECONDS)
        return attempt

    async def _run(self, job: QueuedJob, number: int) -> BaseException | None:
        if number > self.task.attempts:
            return WorkerLost()
        return await self.task.attempt(
            job.payload or b"{}", Job(job.id, number), self.task.deadline
        )

    def _outcome(self, error: BaseException | None, number: int, is_cancelled: bool) -> str:
        if is_cancelled:
            return HANDED_BACK if self.is_ending() else "cancelled"
        if error is None:
            return "done"
        return "to be retried" if number < self.task.attempts else "failed"

    async def _number(self, job: QueuedJob) -> int:
        # Nothing can have become of one that is younger than a lost worker.
        if job.attempts == 0 and job.updated - job.created < self.lost_after:
            return 1
        [row] = await self.queries.driver.fetch(ATTEMPTS, job.id)
        return int(str(row["attempts"]))
