"""What becomes of a job: done, retried, failed, handed back, cancelled."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
import structlog
from sqlalchemy import text

from app.standard.database import Database, session
from app.standard.service import configure_logging
from app.standard.worker import Task, Worker, collect_tasks, current_job, enqueue, task
from config import Settings
from tests.standard import failing
from tests.standard.failing import seen
from tests.standard.worker_fixtures import RunJobs, in_service

Events = list[dict[str, Any]]
JOBS = text("select entrypoint, status::text from pgqueuer order by id")
# As if a worker had begun it and died, and then another one.
LOSE_TWICE = (
    text(
        "insert into pgqueuer_log (job_id, status, entrypoint, priority)"
        " select id, 'picked', entrypoint, 0 from pgqueuer, generate_series(1, 2)"
    ),
    text("update pgqueuer set created = now() - interval '1 hour'"),
)
begun = asyncio.Event()
stumble = task(attempts=3, backoff=0)(failing.stumble)
linger = task(attempts=1, deadline=0.05)(failing.linger)
await_cancelled = task(attempts=2, backoff=0)(failing.await_cancelled)


@task(attempts=2)
async def wait_long() -> None:
    """Take as long as it takes."""
    seen.append(current_job())
    begun.set()
    await asyncio.sleep(60)
    seen.append("ended")


@task()
async def chain(left: int) -> None:
    """Enqueue what is left."""
    async with session() as work:
        seen.append(await work.scalar(text("select 1")))
    if left:
        await enqueue(chain, left - 1)


@pytest.fixture(autouse=True)
def _nothing_seen() -> None:
    seen.clear()
    begun.clear()


@pytest.fixture
def enqueued(settings: Settings) -> Callable[..., int]:
    """Give the function that enqueues a job, as a request would."""

    def put(declared: Task[Any], *arguments: Any) -> int:
        async def work(_: Database) -> int:
            with structlog.contextvars.bound_contextvars(request_id="r-1"):
                number = await enqueue(declared, *arguments)
            assert number is not None
            return number

        return in_service(settings, work)

    return put


def jobs(settings: Settings) -> list[tuple[str, str]]:
    """Return what is in the queue."""

    async def work(database: Database) -> list[tuple[str, str]]:
        async with database.connect() as connection:
            return [(name, status) for name, status in await connection.execute(JOBS)]

    return in_service(settings, work)


@pytest.mark.parametrize("times", [0, 1, 2])
def test_job_that_fails_is_tried_again(
    times: int, enqueued: Callable[..., int], run_jobs: RunJobs, settings: Settings
) -> None:
    number = enqueued(stumble, times)

    assert run_jobs([stumble]) == [("stumble", "successful")]
    assert [(job.id, job.attempt) for job in seen] == [
        (number, attempt) for attempt in range(1, times + 2)
    ]
    assert jobs(settings) == []


def test_job_that_always_fails_is_kept_as_failed(
    enqueued: Callable[..., int],
    run_jobs: RunJobs,
    settings: Settings,
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logging(settings)
    enqueued(stumble, 9)

    assert run_jobs([stumble]) == [("stumble", "failed")]
    assert len(seen) == 3
    assert jobs(settings) == [("stumble", "failed")]
    assert run_jobs([stumble]) == []
    events: Events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    told = [event for event in events if event["event"] == "job"]
    assert [event["outcome"] for event in told] == ["to be retried", "to be retried", "failed"]
    assert {event["request_id"] for event in told} == {"r-1"}
    assert all("ValueError" in event["exception"] for event in told)
    assert "hunter2" not in json.dumps(events)
    # Nor is it told twice.
    assert [event["event"] for event in events if event["level"] == "error"] == ["job"] * 3


def test_queue_keeps_the_kind_of_an_error_only(
    enqueued: Callable[..., int], run_jobs: RunJobs, settings: Settings
) -> None:
    enqueued(stumble, 9)
    run_jobs([stumble])

    async def work(database: Database) -> list[str]:
        async with database.connect() as connection:
            found = await connection.scalars(
                text("select traceback::text from pgqueuer_log where traceback is not null")
            )
            return list(found)

    kept = in_service(settings, work)
    assert len(kept) == 3
    assert all("ValueError" in each and "hunter2" not in each for each in kept)


def test_deadline_ends_a_job(enqueued: Callable[..., int], run_jobs: RunJobs) -> None:
    enqueued(linger)

    assert run_jobs([linger]) == [("linger", "failed")]
    assert seen == ["began"]


def test_job_that_awaits_what_was_cancelled_has_failed(
    enqueued: Callable[..., int], run_jobs: RunJobs, settings: Settings
) -> None:
    enqueued(await_cancelled)

    assert run_jobs([await_cancelled]) == [("await_cancelled", "failed")]
    assert jobs(settings) == [("await_cancelled", "failed")]


def test_job_uses_the_database_and_enqueues(
    enqueued: Callable[..., int], run_jobs: RunJobs
) -> None:
    enqueued(chain, 2)

    assert run_jobs([chain]) == [("chain", "successful")] * 3
    assert seen == [1, 1, 1]


def test_job_of_a_task_that_a_worker_does_not_know_waits(
    enqueued: Callable[..., int], run_jobs: RunJobs, settings: Settings
) -> None:
    enqueued(stumble, 0)

    assert run_jobs([linger]) == []
    assert jobs(settings) == [("stumble", "queued")]


def test_arguments_of_another_release_fail_the_job(
    enqueued: Callable[..., int], run_jobs: RunJobs, settings: Settings
) -> None:
    enqueued(task()(failing.greet_of_before), "Ann")

    assert run_jobs([task(attempts=1)(failing.greet)]) == [("greet", "failed")]
    assert seen == []


def test_job_is_handed_back_and_loses_no_attempt(
    enqueued: Callable[..., int], settings: Settings
) -> None:
    number = enqueued(wait_long)

    async def work(database: Database) -> list[tuple[str, str]]:
        for _ in range(3):
            begun.clear()
            worker = Worker(settings, collect_tasks([wait_long]))
            running = asyncio.create_task(worker.run())
            async with asyncio.timeout(20):
                await begun.wait()
                worker.stop()
                worker.hand_back()
                await running
        async with database.connect() as connection:
            return [(name, status) for name, status in await connection.execute(JOBS)]

    assert in_service(settings, work) == [("wait_long", "queued")]
    assert [(job.id, job.attempt) for job in seen] == [(number, 1)] * 3


def test_job_that_ended_its_workers_fails(
    enqueued: Callable[..., int], run_jobs: RunJobs, settings: Settings
) -> None:
    enqueued(wait_long)

    async def work(database: Database) -> None:
        async with database.session() as session:
            for statement in LOSE_TWICE:
                await session.execute(statement)

    in_service(settings, work)

    assert run_jobs([wait_long]) == [("wait_long", "failed")]
    assert seen == []
