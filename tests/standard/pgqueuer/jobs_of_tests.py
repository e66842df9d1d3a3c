"""Tasks that only tests have, and a worker beside the service."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from app.standard.database import Database, open_database
from app.standard.worker import Task, Worker, collect_tasks, enqueue_in, task
from config import Settings
from tests.standard.worker_fixtures import in_service

BOUND = 20.0
SECRET = "hunter2"  # noqa: S105

begun = threading.Event()
stopped = threading.Event()


@task(attempts=1)
async def fail(secret: str) -> None:
    """Fail, with a secret in the message."""
    begun.set()
    raise ValueError(f"what of {secret}?")


@task(attempts=1, key="{secret}")
async def fail_by_key(secret: str) -> None:
    """Fail where no other of the same key waits or runs."""
    raise LookupError(secret)


@task()
async def wait(secret: str) -> None:
    """Wait for what never comes."""
    begun.set()
    try:
        await asyncio.Event().wait()
    finally:
        stopped.set()


@task()
async def succeed(secret: str) -> None:
    """Do nothing."""


def enqueued(settings: Settings, *tasks: Task[Any]) -> list[int]:
    """Enqueue a job of each task; return their ids."""

    async def enqueue() -> list[int]:
        async with open_database(settings) as database, database.session() as work:
            found = [await enqueue_in(work, each, secret=SECRET) for each in tasks]
            return [number for number in found if number is not None]

    return asyncio.run(enqueue())


@contextmanager
def a_worker(settings: Settings, *tasks: Task[Any]) -> Iterator[None]:
    """Run jobs in a thread until the block ends; those that still run are handed back."""
    ending = threading.Event()

    async def work(_: Database) -> None:
        worker = Worker(settings, collect_tasks(tasks))
        running = asyncio.create_task(worker.run())
        await asyncio.to_thread(ending.wait)
        worker.stop()
        worker.hand_back()
        await running

    begun.clear()
    stopped.clear()
    thread = threading.Thread(target=in_service, args=[settings, work])
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join(BOUND)
