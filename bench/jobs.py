"""Jobs of generated services, beside PgQueuer as its README has it, and Celery on Redis."""

import os
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from http import HTTPStatus
from pathlib import Path
from statistics import median

from bench.comparison import Comparison
from bench.database import Psql, database
from bench.load import Connection, Request
from bench.measuring import FRAMEWORKS, Service, migrate
from bench.queues import RunningQueue, celery_queue, pgqueuer_queue, service_queue
from bench.servers import Server
from examples.serving import environment

OVERLAY = Path(__file__).parent / "jobs_service"
OURS, ONE_BY_ONE = "enqueue_all", "enqueue_in"
# How many times as fast as these we must be.
BARS = {"quickstart": 1.2, "celery": 2.0}
# The milliseconds that a request may take longer; and the requests of a round.
ADDED_BAR, REQUESTS = 1.0, 20


def measure_jobs(render: Callable[..., Path], rounds: int, jobs: int, others: list[str]) -> int:
    """Measure and print; return 1 if a bar is missed."""
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        psql = stack.enter_context(database())
        services = [prepare(render(each, "use_auth"), scratch, psql) for each in FRAMEWORKS]
        # A worker has no framework.
        folder, variables = services[0].folder, services[0].variables | {"LOG_LEVEL": "INFO"}

        def another(name: str) -> dict[str, str]:
            return variables | {"DATABASE_URL": migrated(folder, psql.another(name))}

        queues = [
            service_queue(OURS, folder, variables),
            service_queue(ONE_BY_ONE, folder, another("one_by_one"), "--one-by-one"),
            pgqueuer_queue(psql.another("quickstart"), environment()),
            *stack.enter_context(celery_queue(scratch, environment())),
        ]
        for number in others:
            found = another(f"jobs_{number}") | {"WORKER_JOBS": number}
            queues.append(service_queue(f"WORKER_JOBS={number}", folder, found))
        with ExitStack() as workers:
            running = {each.name: workers.enter_context(each.running()) for each in queues}
            missed = measure_queues(running, rounds, jobs)
        print(f"\n{'milliseconds of a POST':24} {'row':>8} {'job':>8} {'more':>8}")
        missed += [bar for service in services for bar in measure_requests(service, rounds)]
    print("\n" + ("\n".join(missed) or "All bars are met."))
    return bool(missed)


def prepare(render: Path, scratch: Path, psql: Psql) -> Service:
    """Return a render with the benchmark's jobs, and a database of its own."""
    service = Service.prepare(render, scratch, psql.url, OVERLAY)
    service.variables["DATABASE_URL"] = migrated(service.folder, psql.another(service.folder.name))
    return service


def migrated(folder: Path, psql: Psql) -> str:
    """Run a render's migrations on a database, and return its address."""
    migrate(folder, psql.url)
    return psql.url


def measure_queues(queues: dict[str, RunningQueue], rounds: int, jobs: int) -> list[str]:
    """Take the queues in turn, round by round; print, and return the bars that are missed."""
    bars = {(OURS, name): bar for name, bar in BARS.items() if name in queues}
    parts = [Comparison(name, bars) for name in ("enqueue", "run", "both")]
    for number in range(rounds + 1):
        load = f", the load is {os.getloadavg()[0]:.1f}"
        print(f"Round {number} of {rounds}{load}" if number else "Warming up ...", flush=True)
        for name, queue in queues.items():
            enqueued, run = queue.measure(jobs if number else jobs // 10)
            for part, seconds in zip(parts, (enqueued, run, enqueued + run), strict=True):
                if number:
                    part.add(name, seconds / jobs)
    print(f"\n{'jobs per second':24} {'enqueue':>8} {'run':>8} {'both':>8}  ratios of {OURS}")
    for name in queues:
        speeds = " ".join(f"{1 / median(part.seconds[name]):8.0f}" for part in parts)
        ratios = " ".join(f"{part.ratio(OURS, name):8.2f}" for part in parts)
        print(f"{name:24} {speeds}  {ratios if name != OURS else ''}".rstrip())
    return [bar for part in parts[1:] for bar in part.missed()]


def measure_requests(service: Service, rounds: int) -> list[str]:
    """Measure what a request takes that inserts a row, and one that enqueues a job instead."""
    took: dict[str, list[float]] = {"/rows": [], "/jobs": []}
    server = Server(service.folder.name, service.folder, "run.py", service.variables, None)
    with server.running():
        for number in range(rounds * 5 + 1):
            for target, seconds in took.items():
                found = seconds_per_request(server.port, target)
                if number:
                    seconds.append(found)
    row, job = (median(seconds) * 1000 for seconds in took.values())
    print(f"{server.name:24} {row:8.2f} {job:8.2f} {job - row:8.2f}")
    if job - row > ADDED_BAR:
        return [f"{server.name}: enqueuing adds {job - row:.2f} ms, the bar is {ADDED_BAR:.2f}"]
    return []


def seconds_per_request(port: int, target: str) -> float:
    """Send some requests one after the other over one connection."""
    request = Request("POST", target, HTTPStatus.OK)
    with closing(Connection(port, request)) as connection:
        began = time.perf_counter()
        for _ in range(REQUESTS):
            connection.send()
            while connection.receive() is None:
                pass
        return (time.perf_counter() - began) / REQUESTS
