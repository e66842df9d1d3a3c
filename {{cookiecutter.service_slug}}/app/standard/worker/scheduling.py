"""Jobs at set times: one for each time that has come, whichever worker sees it first.

The clock is the database's, and what a worker's own clock does makes no difference.
"""

from datetime import datetime
from typing import Any

from cronsim import CronSim
from sqlalchemy import text

from app.standard.database import Database
from app.standard.worker.enqueuing import enqueue_in
from app.standard.worker.tasks import Task

# A clock that is set, and a database that moves, are noticed after so long.
LONGEST_WAIT = 60.0
NOW = text("select now()")
# The first worker that knows a schedule begins it; what was before is not made up for.
BEGIN = text(
    "insert into pgqueuer_schedules (expression, entrypoint, last_run)"
    " values (:schedule, :task, now()) on conflict (expression, entrypoint) do nothing"
)
CLAIM = text(
    "update pgqueuer_schedules set last_run = :due, updated = now()"
    " where expression = :schedule and entrypoint = :task and last_run < :due returning id"
)


async def keep_schedules(database: Database, tasks: list[Task[Any]]) -> float:
    """Enqueue the tasks whose times have come; return the seconds until it is to be done again."""
    return min([LONGEST_WAIT, *[await keep_schedule(database, task) for task in tasks]])


async def keep_schedule(database: Database, task: Task[Any]) -> float:
    """Enqueue a task if one of its times has come; return the seconds until the next one.

    Times that passed while no worker ran are made up for by one job.
    """
    names = {"schedule": task.schedule, "task": task.name}
    async with database.session() as work:
        await work.execute(BEGIN, names)
        now: datetime = (await work.execute(NOW)).scalar_one()
        claim = {**names, "due": due_before(task, now)}
        if await work.scalar(CLAIM, claim) is not None:
            await enqueue_in(work, task)
    return (next_time(task, now) - now).total_seconds()


def next_time(task: Task[Any], now: datetime) -> datetime:
    """Return the first time of a scheduled task after now."""
    # In the hour that comes twice, its first times are given the second time, too.
    return next(time for time in _times(task, now) if time > now)


def due_before(task: Task[Any], now: datetime) -> datetime:
    """Return the last time of a scheduled task before now."""
    return next(_times(task, now, reverse=True))


def _times(task: Task[Any], now: datetime, *, reverse: bool = False) -> CronSim:
    # A time that the clock jumps over in spring comes then, and one that comes twice counts once.
    return CronSim(task.schedule or "", now.astimezone(task.zone), reverse=reverse)
