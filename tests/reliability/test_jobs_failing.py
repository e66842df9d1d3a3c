"""What becomes of a job that fails, or takes its worker with it."""

from __future__ import annotations

import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from reliability.clients import BOUND, until
from reliability.conftest import LOST_AFTER, Running, Work, run_until_death
from reliability.figures import SLACK
from reliability.logs import events
from reliability.queues import Queue

# Where nothing else happens, a worker looks for jobs that are due.
LOOK_AGAIN = 5
WAITS = """
select extract(epoch from at - lag(at) over (order by id)) from notes where job = :job order by id
"""


@pytest.fixture
def work_until_death(
    queue: Queue, worker_service: Path, worker_python: Path, service_variables: dict[str, str]
) -> Callable[[], int]:
    """Give the function that runs a worker, and returns how it ended."""

    variables = {"DATABASE_URL": queue.url, "WORKER_LOST_AFTER": str(LOST_AFTER)}
    return partial(run_until_death, worker_service, worker_python, service_variables | variables)


def test_job_that_kills_its_worker_has_its_attempts_and_no_more(
    work: Work, work_until_death: Callable[[], int], queue: Queue
) -> None:
    [once] = queue.put("kill", times=1)
    assert work_until_death() == -signal.SIGKILL
    with work(queue.url) as second:
        queue.wait_until_empty()
        [always] = queue.put("kill", times=9)
        assert second.process.wait(BOUND) == -signal.SIGKILL
    for _ in range(2):
        assert work_until_death() == -signal.SIGKILL
    with work(queue.url) as worker:
        [other] = queue.put("step", seconds=0)
        queue.wait_until_empty()
        until(lambda: queue.state(always) == "failed")
        assert worker.process.poll() is None

    assert queue.events(once) == [("began", 1), ("began", 2), ("ended", 2)]
    assert queue.events(always) == [("began", 1), ("began", 2), ("began", 3)]
    assert outcomes(worker, always) == [(4, "failed")]
    assert queue.events(other) == [("began", 1), ("ended", 1)]


def test_job_that_always_fails_is_tried_in_time_and_then_kept(work: Work, queue: Queue) -> None:
    with work(queue.url) as worker:
        [job] = queue.put("poison")
        until(lambda: queue.state(job) == "failed")
        [after] = queue.put("step", seconds=0)
        queue.wait_until_empty()

    assert queue.events(job) == [("began", attempt) for attempt in (1, 2, 3)]
    assert outcomes(worker, job) == [(1, "to be retried"), (2, "to be retried"), (3, "failed")]
    assert queue.events(after) == [("began", 1), ("ended", 1)]
    # Half a second, and then twice as much.
    waits = queue.ask(WAITS, job=job)
    pauses = [float(wait) for [wait] in waits[1:]]
    assert all(
        due <= pause < due + LOOK_AGAIN * SLACK for due, pause in zip((0.5, 1), pauses, strict=True)
    ), pauses


def outcomes(worker: Running, job: int) -> list[tuple[int, str]]:
    """Return how a worker says that the attempts at a job went."""
    told = [each for each in events(worker) if (each["event"], each.get("job")) == ("job", job)]
    return [(each["attempt"], each["outcome"]) for each in told]
