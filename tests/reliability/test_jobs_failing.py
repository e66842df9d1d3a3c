"""What becomes of a job that fails, or takes its worker with it."""

from __future__ import annotations

import signal
from contextlib import ExitStack

from reliability.clients import BOUND, until
from reliability.conftest import Running, Work
from reliability.logs import events
from reliability.queues import Queue

WAITS = """
select extract(epoch from at - lag(at) over (order by id)) from notes where job = :job order by id
"""


def test_job_that_kills_its_worker_has_its_attempts_and_no_more(work: Work, queue: Queue) -> None:
    with ExitStack() as stack:
        [once] = queue.put("kill", times=1)
        assert wait_for_death(stack.enter_context(work(queue.url, "/healthz")))
        second = stack.enter_context(work(queue.url))
        queue.wait_until_empty()
        [always] = queue.put("kill", times=9)
        assert wait_for_death(second)
        for _ in range(2):
            assert wait_for_death(stack.enter_context(work(queue.url, "/healthz")))
        worker = stack.enter_context(work(queue.url))
        [other] = queue.put("step", seconds=0)
        queue.wait_until_empty()
        until(lambda: queue.state(always) == "failed")
        assert worker.process.poll() is None

    assert queue.events(once) == [("began", 1), ("began", 2), ("ended", 2)]
    assert queue.events(always) == [("began", 1), ("began", 2), ("began", 3)]
    assert outcomes(worker, always) == [(4, "failed")]
    assert queue.events(other) == [("began", 1), ("ended", 1)]


def wait_for_death(worker: Running) -> bool:
    return worker.process.wait(BOUND) == -signal.SIGKILL


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
