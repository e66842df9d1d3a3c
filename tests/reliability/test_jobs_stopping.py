"""What a worker that is told to stop does with the jobs that it has."""

from __future__ import annotations

import signal
import time

import pytest

from reliability.clients import BOUND, until
from reliability.conftest import Record, Work
from reliability.queues import Queue

GRACE = 1
SOON = {"WORKER_SHUTDOWN_TIMEOUT": str(GRACE)}
# What work.py gives a job that was told to end.
LET_GO = 5
# More than a worker runs while somebody looks at the first that have ended.
ENOUGH = 20_000


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_jobs_within_the_grace_end_and_no_more_begin(
    work: Work, queue: Queue, record_of_worker: Record, number: int
) -> None:
    # A loop that is blocked for a third of it sees no answer of the queue.
    with work(queue.url, WORKER_LOST_AFTER="30") as worker:
        [job] = queue.put("step", seconds=2)
        queue.when(job, "began")
        # It holds the signal up, too.
        [blocking] = queue.put("block", seconds=1)
        queue.when(blocking, "began")
        worker.process.send_signal(number)
        queue.when(blocking, "ended")
        until(lambda: b"Waiting for application shutdown" in worker.log.read_bytes())
        [late] = queue.put("step", seconds=0)
        queue.when(job, "ended")
        ended = time.monotonic()
        assert worker.process.wait(BOUND) == 0
        record_of_worker(
            "From the end of a worker's last job to its own", time.monotonic() - ended, "s", 2
        )
    assert queue.events(job) == queue.events(blocking) == [("began", 1), ("ended", 1)]
    assert queue.state(job) is queue.state(blocking) is None
    assert (queue.state(late), queue.events(late)) == ("queued", [])


def test_job_beyond_the_grace_runs_elsewhere_and_loses_no_attempt(
    work: Work, queue: Queue, record_of_worker: Record
) -> None:
    with work(queue.url, **SOON) as worker:
        [job] = queue.put("linger")
        queue.when(job, "began")
        # To this one, no worker is lost so soon.
        with work(queue.url, WORKER_LOST_AFTER="30") as other:
            began = time.monotonic()
            worker.process.terminate()
            assert worker.process.wait(BOUND) == 0
            seconds = time.monotonic() - began - GRACE
            again = until(lambda: queue.events(job)[-1] == ("ended", 1))
    pids = worker.process.pid, worker.process.pid, other.process.pid, other.process.pid
    events = ("began", 1), ("told", 1), ("began", 1), ("ended", 1)
    assert queue.notes(job) == [(*event, pid) for event, pid in zip(events, pids, strict=True)]
    record_of_worker(
        "A worker's stop with a job that does not end, beyond its grace", seconds, "s", 2
    )
    record_of_worker("From a worker's stop to the next run of what it handed back", again, "s", 2)


def test_job_that_does_not_let_go_ends_with_the_worker_and_runs_again(
    work: Work, queue: Queue, record_of_worker: Record
) -> None:
    with work(queue.url, **SOON) as worker:
        [job] = queue.put("cling")
        queue.when(job, "began")
        with work(queue.url):
            began = time.monotonic()
            worker.process.terminate()
            assert worker.process.wait(BOUND) == 1
            seconds = time.monotonic() - began - GRACE - LET_GO
            queue.wait_until_empty()
    assert queue.events(job) == [("began", 1), ("began", 2), ("ended", 2)]
    assert b"jobs do not let go" in worker.log.read_bytes()
    record_of_worker(
        "A worker's stop with a job that holds on, beyond its grace and 5 s", seconds, "s", 1
    )


def test_no_job_is_lost_where_there_is_no_grace(work: Work, queue: Queue, soak: bool) -> None:
    """A worker takes jobs as fast as it can, and is told to stop in the middle of that."""
    for _ in range(10 if soak else 1):
        queue.put("step", ENOUGH, seconds=0)
        ended = queue.tally().jobs_ended
        with work(queue.url, WORKER_SHUTDOWN_TIMEOUT="0") as worker:
            queue.wait_for_ends(ended)
            worker.process.terminate()
            assert worker.process.wait(BOUND) == 0
        tally = queue.tally()
        assert tally.left
        assert not tally.lost
        assert queue.ask("select from pgqueuer where status <> 'queued'") == []
