"""Jobs at set times, which one worker of all keeps, by its own clock."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import structlog
from cronsim import CronSim

from app.standard.worker.sending import BrokerUnavailable, enqueue
from app.standard.worker.tasks import Task

# A clock that is set is noticed after so long.
LONGEST_WAIT = 60.0
PAUSE = 5.0

logger = structlog.stdlib.get_logger(__name__)


async def keep_schedule(task: Task[Any]) -> None:
    """Enqueue a task at each of its times, from now on; what was before is not made up for."""
    due = next_time(task, datetime.now(UTC))
    while True:
        seconds = (due - datetime.now(UTC)).total_seconds()
        if seconds > 0:
            await asyncio.sleep(min(seconds, LONGEST_WAIT))
        elif await _is_enqueued(task):
            due = next_time(task, datetime.now(UTC))
        else:
            await asyncio.sleep(PAUSE)


async def _is_enqueued(task: Task[Any]) -> bool:
    try:
        await enqueue(task)
    except BrokerUnavailable:
        logger.warning("a scheduled job waits for its broker", task=task.name)
        return False
    return True


def next_time(task: Task[Any], now: datetime) -> datetime:
    """Return the first time of a scheduled task after now."""
    # A time that the clock jumps over in spring comes then, and one that comes twice counts once:
    # in the hour that comes twice, its first times are given the second time, too.
    times = CronSim(task.schedule or "", now.astimezone(task.zone))
    return next(time for time in times if time > now)
