"""Measure generated services: the CSV export, tokens, requests, replicas, jobs, a fleet's updates."""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from bench.compression import measure_compression
from bench.database import database
from bench.directmail import measure_premises
from bench.fleet import SERVICES, measure_fleet
from bench.jobs import measure_jobs
from bench.measuring import FRAMEWORKS, LEFT_OUT, Service, Way
from bench.replicas import measure_replicas
from bench.requests import measure_requests
from bench.telemetry import measure_telemetry
from bench.tokens import measure_tokens

ROOT = Path(__file__).parent.parent
# Of the export by COPY: at most so many times psql's seconds, and megabytes over idle.
SAME_BAR, PLAIN_BAR, MEMORY_BAR = 1.15, 1.6, 64.0


def main() -> int:
    """Measure and print; return 1 if a bar is missed."""
    parser = argparse.ArgumentParser(prog="nox -s bench --", description=__doc__)
    parser.add_argument("--service", action="append", type=Path, help="a render, all on but auth")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=9, help="of what takes about a second")
    parser.add_argument("--slow-rounds", type=int, default=2, help="of what takes longer")
    parser.add_argument("--token-rounds", type=int, default=100, help="of a few requests")
    parser.add_argument("--fleet", action="store_true", help="the rehearsal of services alone")
    parser.add_argument("--services", type=int, default=SERVICES, help="so many of a fleet")
    parser.add_argument("--own-names", action="store_true", help="none has the answers of another")
    parser.add_argument("--requests", action="store_true", help="beside FastAPI by hand, alone")
    parser.add_argument("--telemetry", action="store_true", help="what spans cost, alone")
    parser.add_argument("--compression", action="store_true", help="of the export, alone")
    parser.add_argument("--jobs", action="store_true", help="beside PgQueuer and Celery, alone")
    parser.add_argument("--replicas", action="store_true", help="one and four, alone")
    parser.add_argument("--so-many", type=int, default=10_000, help="jobs of a round")
    parser.add_argument("--at-once", action="append", default=[], help="another WORKER_JOBS")
    parser.add_argument("--directmail", action="store_true", help="its premises, alone")
    parser.add_argument("--seconds", type=float, default=0.5, help="of a round of requests")
    arguments = parser.parse_args()
    # Not where others render: a second benchmark would take the first one's away.
    with tempfile.TemporaryDirectory() as folder:
        return run(arguments, partial(render, folder))


def run(arguments: argparse.Namespace, render: Callable[..., Path]) -> int:
    """Measure what the arguments say; return 1 if a bar is missed."""
    if arguments.fleet:
        return measure_fleet(arguments.services, arguments.own_names)
    if arguments.requests:
        return measure_requests(render, arguments.rounds, arguments.seconds)
    if arguments.telemetry:
        return measure_telemetry(render, arguments.rounds, arguments.seconds)
    if arguments.jobs:
        return measure_jobs(render, arguments.rounds, arguments.so_many, arguments.at_once)
    if arguments.directmail:
        return measure_premises(render, arguments.rows, arguments.rounds)
    if arguments.replicas:
        return measure_replicas(render, arguments.rows, arguments.rounds, arguments.seconds)
    if arguments.compression:
        return measure_compression(render("async", *LEFT_OUT), arguments.rows, arguments.rounds)
    # What tokens cost is measured by itself.
    folders = arguments.service or [render(each, *LEFT_OUT) for each in FRAMEWORKS]

    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        psql = stack.enter_context(database())
        print(f"Creating {arguments.rows:,} rows ...", flush=True)
        psql.create_table(arguments.rows)
        services = [Service.prepare(folder, scratch, psql.url) for folder in folders]
        with ExitStack() as servers:
            for service in services:
                servers.enter_context(service.running())
            statement = services[0].statement()
            plain = Way("psql, select *", lambda: psql.copy("select * from premises"))
            same = Way("psql, the statement of /copy", lambda: psql.copy(statement))
            copies = [service.way("/copy") for service in services]
            others = [service.way(path) for service in services for path in ("/rows", "/fetch-all")]
            measure([plain, same, *copies], arguments.rounds)
            measure(others, arguments.slow_rounds)
        for way in (*copies, *others):
            way.measure_memory()
        print("Measuring tokens ...", flush=True)
        missed = [
            bar
            for framework in FRAMEWORKS
            for bar in measure_tokens(framework, render, psql.url, arguments.token_rounds)
        ]
    return report(plain, same, copies, others, missed)


def render(folder: str, framework: str, *without: str) -> Path:
    """Render a service with everything on but some modules."""
    script = ROOT / "tests" / "everything_on.py"
    command = [sys.executable, str(script), framework, "--render-only", f"--folder={folder}"]
    command += [f"--without={module}" for module in without]
    return Path(subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip())


def measure(ways: list[Way], rounds: int) -> None:
    """Take the ways in turn, so that what else the machine does hits all of them."""
    for number in range(rounds):
        print(f"Round {number + 1} of {rounds} ...", flush=True)
        for way in ways:
            way.measure()


def report(plain: Way, same: Way, copies: list[Way], others: list[Way], missed: list[str]) -> int:
    """Print the table and the bars that are missed; return 1 if there are any."""
    print(f"\n{'way':30} {'best s':>7} {'median':>7} {'/ same':>7} {'/ plain':>7} {'MB':>6}")
    for way in (plain, same, *copies, *others):
        ratios = f"{way.best / same.best:7.2f} {way.best / plain.best:7.2f}"
        memory = f"{way.memory:6.1f}" if way.memory else ""
        print(f"{way.name:30} {way.best:7.2f} {way.median:7.2f} {ratios} {memory}")
    print("\nRatios are of the best rounds; MB is the peak of the server over its idle memory.")
    for way in copies:
        if way.size != same.size:
            missed.append(f"{way.name} is {way.size} bytes long, psql's file {same.size}")
        for value, bar, what in (
            (way.best / same.best, SAME_BAR, "times psql with the same statement"),
            (way.best / plain.best, PLAIN_BAR, "times psql with the plain select"),
            (way.memory, MEMORY_BAR, "MB over idle"),
        ):
            if value > bar:
                missed.append(f"{way.name}: {value:.2f} {what}, the bar is {bar}")
    print("\n".join(missed) or "All bars are met.")
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
