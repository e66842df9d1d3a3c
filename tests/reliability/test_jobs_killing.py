"""Workers and PostgreSQL are killed while there is much to do: no job is lost."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from reliability.backends import Server
from reliability.conftest import AT_ONCE, Record, Running, Work
from reliability.own_postgres import own_postgres
from reliability.queues import Queue

JOBS, WORKERS = 2000, 3
# Those that a worker runs, and as many that have ended while that was not yet written down.
UNTOLD = 2 * AT_ONCE * WORKERS
PATIENCE = 120


def test_no_job_is_lost_where_workers_are_killed(
    work: Work, queue: Queue, soak: bool, record_of_worker: Record
) -> None:
    kills = 10 if soak else 4
    jobs = JOBS * (2 if soak else 1)
    # The same in each run, and no secret.
    chance = random.Random(14)  # noqa: S311
    with ExitStack() as stack:
        working = start_workers(work, queue, stack)
        queue.put("step", jobs, seconds=0.01)
        for kill in range(kills):
            # Spread over the work that there is.
            queue.wait_for_ends(jobs * (kill + 0.5) / kills)
            killed = working.pop(chance.randrange(WORKERS))
            killed.process.kill()
            working.append(stack.enter_context(work(queue.url)))
        queue.wait_until_empty(PATIENCE)
        assert [worker.process.poll() for worker in working] == [None] * WORKERS
    assert_all_done(queue, jobs)
    tally = queue.tally()
    record_of_worker(
        "Jobs that began twice, per kill of a worker", (tally.began - jobs) / kills, "jobs", 10
    )
    record_of_worker(
        "Jobs that ended twice, per kill of a worker", (tally.ended - jobs) / kills, "jobs", 10
    )


def test_no_job_is_lost_where_postgresql_is_killed(
    work: Work,
    migrate_queue: Callable[[Server, str], Queue],
    soak: bool,
    record_of_worker: Record,
) -> None:
    outages = 4 if soak else 2
    jobs = JOBS * (2 if soak else 1)
    with own_postgres() as server, ExitStack() as stack:
        queue = migrate_queue(server, server.get_uri())
        working = start_workers(work, queue, stack)
        queue.put("step", jobs, seconds=0.01)
        for outage in range(outages):
            queue.wait_for_ends(jobs * (outage + 0.5) / outages)
            server.stop("immediate")
            server.start()
            again = queue.wait_for_more()
            record_of_worker(
                "From the return of a PostgreSQL that was killed to jobs", again, "s", 5
            )
        queue.wait_until_empty(PATIENCE)
        assert [worker.process.poll() for worker in working] == [None] * WORKERS
        assert_all_done(queue, jobs)
        tally = queue.tally()
    twice = (tally.began - jobs) / outages
    record_of_worker("Jobs that began twice, per death of PostgreSQL", twice, "jobs", UNTOLD)


def start_workers(work: Work, queue: Queue, stack: ExitStack) -> list[Running]:
    """Start workers at the same time."""
    with ThreadPoolExecutor(WORKERS) as threads:
        return [*threads.map(lambda _: stack.enter_context(work(queue.url)), range(WORKERS))]


def assert_all_done(queue: Queue, jobs: int) -> None:
    tally = queue.tally()
    assert (tally.jobs_ended, tally.left, tally.lost) == (jobs, 0, 0)
