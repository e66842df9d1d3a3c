"""What becomes of a job: done, retried, failed, handed back."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
import structlog

from app.standard.service import Application, configure_logging
from app.standard.worker import Attempts, Broker, Task, enqueue, task
from app.standard.worker.broker import Message
from config import Settings
from tests.standard import failing
from tests.standard.failing import seen
from tests.standard.worker_fixtures import RunJobs, in_service

Events = list[dict[str, Any]]
stumble = task(attempts=3, backoff=0.5)(failing.stumble)
linger = task(attempts=1, deadline=0.05)(failing.linger)
await_cancelled = task(attempts=2, backoff=0)(failing.await_cancelled)
let_go_slowly = task(attempts=1)(failing.let_go_slowly)


@task()
async def chain(left: int) -> None:
    """Enqueue what is left."""
    seen.append(left)
    if left:
        await enqueue(chain, left - 1)


@pytest.fixture(autouse=True)
def _nothing_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    seen.clear()
    # It belongs to the loop of the first that waits for it.
    monkeypatch.setattr(failing, "begun", asyncio.Event())


@pytest.fixture
def enqueued(settings: Settings, run_jobs: RunJobs) -> Callable[..., str]:
    """Give the function that enqueues a job, as a request would."""

    def put(declared: Task[Any], *arguments: Any) -> str:
        async def work(_: Application) -> str:
            with structlog.contextvars.bound_contextvars(request_id="r-1"):
                return await enqueue(declared, *arguments)

        return in_service(settings, work)

    return put


def waiting(settings: Settings) -> Message | None:
    """Take what waits in the queue."""

    async def work(application: Application) -> Message | None:
        return application.resource(Broker).take()

    return in_service(settings, work)


def take(application: Application, longest: float) -> tuple[Message, Attempts]:
    """Take the job that waits, which lets go slowly, and give what makes attempts at it."""
    message = application.resource(Broker).take()
    assert message
    return message, Attempts(application, {"let_go_slowly": let_go_slowly}, longest)


@pytest.mark.parametrize("times", [0, 1, 2])
def test_job_that_fails_is_tried_again(
    times: int, enqueued: Callable[..., str], run_jobs: RunJobs
) -> None:
    number = enqueued(stumble, times)

    assert run_jobs([stumble]) == [("stumble", "successful")]
    assert [(job.id, job.attempt) for job in seen] == [
        (number, attempt) for attempt in range(1, times + 2)
    ]
    assert run_jobs([stumble]) == []


def test_job_that_always_fails_is_told_as_failed(
    enqueued: Callable[..., str],
    run_jobs: RunJobs,
    settings: Settings,
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logging(settings)
    number = enqueued(stumble, 9)

    assert run_jobs([stumble]) == [("stumble", "failed")]
    assert len(seen) == 3
    events: Events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    told = [event for event in events if event["event"] == "job"]
    assert [event["outcome"] for event in told] == ["to be retried", "to be retried", "failed"]
    assert [event["attempt"] for event in told] == [1, 2, 3]
    assert {(event["job"], event["task"]) for event in told} == {(number, "stumble")}
    assert {event["request_id"] for event in told} == {"r-1"}
    assert all("ValueError" in event["exception"] for event in told)
    assert "hunter2" not in json.dumps(events)


@pytest.mark.parametrize("declared", [linger, await_cancelled])
def test_job_that_does_not_end_by_itself_has_failed(
    declared: Task[Any], enqueued: Callable[..., str], run_jobs: RunJobs
) -> None:
    enqueued(declared)

    assert run_jobs([declared]) == [(declared.name, "failed")]


def test_attempt_ends_before_the_broker_gives_its_job_away(
    enqueued: Callable[..., str], settings: Settings
) -> None:
    enqueued(let_go_slowly)

    async def work(application: Application) -> tuple[str, str]:
        message, attempts = take(application, longest=0.05)
        return await asyncio.create_task(attempts.make(message))

    assert in_service(settings, work) == ("failed", "TimeoutError")
    assert seen == ["told"]


def test_jobs_enqueue_jobs(enqueued: Callable[..., str], run_jobs: RunJobs) -> None:
    enqueued(chain, 2)

    assert run_jobs([chain]) == [("chain", "successful")] * 3
    assert seen == [2, 1, 0]


def test_arguments_of_another_release_fail_the_job(
    enqueued: Callable[..., str], run_jobs: RunJobs
) -> None:
    enqueued(task()(failing.greet_of_before), "Ann")

    assert run_jobs([task(attempts=1)(failing.greet)]) == [("greet", "failed")]
    assert seen == []


@pytest.mark.parametrize("is_early", [True, False])
def test_job_is_handed_back_and_loses_no_attempt(
    is_early: bool, enqueued: Callable[..., str], settings: Settings
) -> None:
    number = enqueued(let_go_slowly)

    async def work(application: Application) -> tuple[str, str]:
        message, attempts = take(application, longest=60.0)
        attempts.is_ending = is_early
        attempt = asyncio.create_task(attempts.make(message))
        if not is_early:
            await failing.begun.wait()
            attempts.hand_back()
        return await attempt

    assert in_service(settings, work) == ("handed back", "")
    left = waiting(settings)
    assert left and (left.id, left.attempts, left.request_id) == (number, 0, "r-1")
    assert seen == ([] if is_early else ["told"])


def test_job_of_a_lost_connection_ends_and_is_not_sent_again(
    enqueued: Callable[..., str], settings: Settings
) -> None:
    enqueued(let_go_slowly)

    async def work(application: Application) -> tuple[str, str]:
        message, attempts = take(application, longest=60.0)
        attempt = asyncio.create_task(attempts.make(message))
        await failing.begun.wait()
        attempts.lose()
        return await attempt

    assert in_service(settings, work) == ("lost", "")
    assert waiting(settings) is None
    assert seen == ["told"]


@pytest.mark.parametrize(("before", "outcome"), [(0, "to be retried"), (2, "failed")])
def test_attempt_that_was_lost_with_its_worker_counts(
    before: int, outcome: str, settings: Settings, run_jobs: RunJobs
) -> None:
    message = Message("j-1", "stumble", b'{"times":0}', attempts=before)

    async def work(application: Application) -> tuple[str, str]:
        attempts = Attempts(application, {"stumble": stumble}, longest=60.0)
        return await asyncio.create_task(attempts.make(message, is_second_time=True))

    assert in_service(settings, work) == (outcome, "WorkerLost")
    assert seen == []
    left = waiting(settings)
    assert (left and left.attempts) == (1 if before == 0 else None)
