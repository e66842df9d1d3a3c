# It runs in a service, where its imports are.
# mypy: ignore-errors
"""Tasks that write down when they begin and end, and go wrong in many ways, on purpose."""

import asyncio
import json
import os
import signal
from contextlib import suppress
from pathlib import Path

from app.standard.worker import current_job, task

FILE = Path(os.environ["NOTES"])


def note(event: str) -> None:
    """Write down what happens to the job that runs."""
    what = {"job": current_job().id, "attempt": current_job().attempt, "event": event}
    # A line at once, of whichever process.
    with FILE.open("a") as file:
        file.write(json.dumps(what) + "\n")


@task(attempts=10, backoff=0.2)
async def step(seconds: float) -> None:
    """Take a while."""
    note("began")
    await asyncio.sleep(seconds)
    note("ended")


@task(attempts=2)
async def linger() -> None:
    """Take very long at first, and end at once when it runs again."""
    is_first = current_job().id not in FILE.read_text()  # noqa: ASYNC240  (of a few lines)
    note("began")
    if is_first:
        try:
            await asyncio.sleep(600)
        finally:
            note("told")
    note("ended")


@task(attempts=1)
async def cling() -> None:
    """Take very long, whatever one is told."""
    note("began")
    while True:
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(600)


@task(attempts=2)
async def kill() -> None:
    """Kill the worker."""
    note("began")
    os.kill(os.getpid(), signal.SIGKILL)


@task(attempts=3, backoff=0.5)
async def poison(word: str) -> None:
    """Fail always."""
    note("began")
    raise ValueError(word)


@task()
async def newer() -> None:
    """Do what a worker of the old release does not know."""
    note("ended")


if "OLD_RELEASE" in os.environ:
    del newer
