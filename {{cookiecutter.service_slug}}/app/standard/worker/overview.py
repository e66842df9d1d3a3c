"""How the queue is doing: what waits, who works, and how long that takes."""

import time
from dataclasses import dataclass
from datetime import timedelta

from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.domain.models import JobDurationStats
from sqlalchemy import text

from app.standard.worker.connecting import WORKERS_LOCK
from app.standard.worker.queue import STATES

DAY = timedelta(days=1)
# PostgreSQL needs more than a second for those of 300,000 jobs: it shall have so many times as long
# before it is asked again.
PAUSE = 50
# PgQueuer knows of workers only while they have jobs.
WORKERS = text(f"""
    select count(*) from pg_locks where locktype = 'advisory' and objid = {WORKERS_LOCK}
        and database = (select oid from pg_database where datname = current_database())
""")  # noqa: S608  (of constants alone)


@dataclass(slots=True)
class TaskOverview:
    """The jobs of a task by their state, and how long those took that ended in the last day."""

    task: str
    queued: int = 0
    running: int = 0
    failed: int = 0
    ended: int = 0
    p50_seconds: float = 0.0
    p95_seconds: float = 0.0


class Durations:
    """How long jobs took in the last day, kept for a while where that is hard to tell."""

    def __init__(self) -> None:
        self._known: list[JobDurationStats] = []
        self._good_until = float("-inf")

    async def read(self, queries: Queries) -> list[JobDurationStats]:
        """Return what is known, or ask anew."""
        began = time.monotonic()
        if began >= self._good_until:
            self._known = await queries.job_duration_percentiles(DAY)
            ended = time.monotonic()
            self._good_until = ended + PAUSE * (ended - began)
        return self._known


async def look_over(queries: Queries, durations: Durations) -> list[TaskOverview]:
    """Return each task that has jobs, or had some in the last day, by name."""
    tasks: dict[str, TaskOverview] = {}
    for counted in await queries.queue_size():
        found = tasks.setdefault(counted.entrypoint, TaskOverview(counted.entrypoint))
        state = STATES[counted.status]
        setattr(found, state, getattr(found, state) + counted.count)
    for took in await durations.read(queries):
        found = tasks.setdefault(took.entrypoint, TaskOverview(took.entrypoint))
        found.ended, found.p50_seconds = took.completed, took.p50_seconds
        found.p95_seconds = took.p95_seconds
    return [tasks[name] for name in sorted(tasks)]
