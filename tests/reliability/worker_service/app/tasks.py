# It runs in a service, where its imports are.
# mypy: ignore-errors
"""Tasks that write down when they begin and end, and go wrong in many ways, on purpose."""

import asyncio
import os
import signal
import time
from contextlib import suppress

from sqlalchemy import text

from app.sample_tasks import *  # noqa: F403
from app.standard.database import session
from app.standard.worker import current_job, task

# What it returns does not count itself.
NOTE = text(
    "insert into notes (job, attempt, pid, event) values (:job, :attempt, :pid, :event)"
    " returning (select count(*) from notes where job = :job and event = :event)"
)


async def note(event: str) -> bool:
    """Write down what happens to the job that runs; tell whether it is the first time."""
    job = current_job()
    what = {"job": job.id, "attempt": job.attempt, "pid": os.getpid(), "event": event}
    async with session() as work:
        return await work.scalar(NOTE, what) == 0


@task(attempts=10, backoff=0.2)
async def step(seconds: float) -> None:
    """Take a while."""
    await note("began")
    await asyncio.sleep(seconds)
    await note("ended")


@task()
async def linger(in_database: bool = False) -> None:
    """Take very long at first, and end at once when it runs again."""
    if await note("began"):
        try:
            if in_database:
                async with session() as work:
                    await work.execute(text("select pg_sleep(600)"))
            await asyncio.sleep(600)
        finally:
            await note("told")
    await note("ended")


@task()
async def cling() -> None:
    """Take very long at first, whatever one is told, and end at once when it runs again."""
    is_first = await note("began")
    while is_first:
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(600)
    await note("ended")


@task()
async def block(seconds: float) -> None:
    """Take a while, and leave the worker none."""
    await note("began")
    time.sleep(seconds)  # noqa: ASYNC251
    await note("ended")


@task(attempts=3)
async def kill(times: int) -> None:
    """Kill the worker so many times."""
    await note("began")
    if current_job().attempt <= times:
        os.kill(os.getpid(), signal.SIGKILL)
    await note("ended")


@task(attempts=3, backoff=0.5)
async def poison() -> None:
    """Fail always."""
    await note("began")
    raise ValueError("this job is poisoned")
