"""What becomes of a job that fails, or takes its worker with it."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from reliability.clients import until
from reliability.conftest import Running, Work
from reliability.logs import events
from reliability.queues import Queue

WAITS = """
select extract(epoch from at - lag(at) over (order by id)) from notes where job = :job order by id
"""


@pytest.mark.parametrize("times", [1, 9])
def test_job_that_kills_its_worker_has_its_attempts_and_no_more(
    work: Work, queue: Queue, times: int
) -> None:
    with ExitStack() as stack:
        [job] = queue.put("kill", times=times)
        for _ in range(min(times, 3)):
            worker = stack.enter_context(work(queue.url, "/healthz"))
            until(lambda worker=worker: worker.process.poll() == -9)
        worker = stack.enter_context(work(queue.url))
        # Others go on.
        [other] = queue.put("step", seconds=0)
        queue.wait_until_empty()
        assert worker.process.poll() is None

    begun = [("began", attempt) for attempt in range(1, min(times + 1, 3) + 1)]
    assert queue.events(job) == begun + ([("ended", 2)] if times == 1 else [])
    assert queue.state(job) == (None if times == 1 else "failed")
    assert queue.events(other) == [("began", 1), ("ended", 1)]
    if times > 1:
        [told] = outcomes(worker, job)
        assert told == (4, "failed")


def test_job_that_always_fails_is_tried_in_time_and_then_kept(work: Work, queue: Queue) -> None:
    with work(queue.url) as worker:
        [job] = queue.put("poison")
        until(lambda: queue.state(job) == "failed")
        [after] = queue.put("step", seconds=0)
        queue.wait_until_empty()

    assert queue.events(job) == [("began", attempt) for attempt in (1, 2, 3)]
    assert outcomes(worker, job) == [(1, "to be retried"), (2, "to be retried"), (3, "failed")]
    assert queue.events(after) == [("began", 1), ("ended", 1)]
    # Half a second, and then twice as much; where nothing else happens, up to five seconds later.
    waits = queue.ask(WAITS, job=job)
    pauses = [float(wait) for [wait] in waits[1:]]
    assert 0.5 <= pauses[0] < 6 and 1 <= pauses[1] < 7, pauses


def outcomes(worker: Running, job: int) -> list[tuple[int, str]]:
    """Return how a worker says that the attempts at a job went."""
    told = [each for each in events(worker) if (each["event"], each.get("job")) == ("job", job)]
    return [(each["attempt"], each["outcome"]) for each in told]
