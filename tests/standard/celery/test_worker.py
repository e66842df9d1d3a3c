"""Celery's own worker, on a broker in memory, runs jobs on our event loop."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from app.standard.service import Application
from app.standard.worker import Broker, collect_tasks, current_job, enqueue, task, working
from config import Settings
from tests.standard.worker_fixtures import RunJobs, in_service

BOUND = 20.0
seen: list[Any] = []


@task(attempts=3, backoff=0.01)
async def stumble() -> None:
    """Fail once."""
    seen.append((current_job().attempt, asyncio.get_running_loop()))
    if current_job().attempt == 1:
        raise ValueError


@task()
async def wait_long() -> None:
    """Take as long as it takes."""
    seen.append("began")
    await asyncio.sleep(60)


@task()
async def of_a_newer_release() -> None:
    """Do nothing."""


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(BOUND):
        while not holds():  # noqa: ASYNC110  (of a job's module)
            await asyncio.sleep(0.01)


def test_worker_runs_its_jobs_and_gives_back_the_others(
    settings: Settings, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In memory, Celery looks each two seconds whether it is to stop."""
    monkeypatch.setattr("app.standard.worker.lifetime.LET_GO_SECONDS", BOUND)
    monkeypatch.setattr("app.standard.worker.consuming.UNKNOWN_SECONDS", 0.01)
    few = settings.model_copy(update={"worker_shutdown_timeout": 0.1, "worker_jobs": 3})

    async def work(application: Application) -> None:
        async with working(application, collect_tasks([stumble, wait_long])):
            unknown = await enqueue(of_a_newer_release)
            await enqueue(stumble)
            await until(lambda: len(seen) == 2)
            loop = asyncio.get_running_loop()
            assert seen == [(1, loop), (2, loop)]
            await application.readiness_checks["worker"]()
            waiting = await enqueue(wait_long)
            await until(lambda: seen[2:] == ["began"])
        broker = application.resource(Broker)
        left = [broker.take(), broker.take(), broker.take()]
        assert {each and (each.id, each.attempts) for each in left} == {
            (unknown, 0),
            (waiting, 0),
            None,
        }

    in_service(few, work)
