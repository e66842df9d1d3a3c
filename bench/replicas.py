"""One and several replicas of a generated service behind nginx, on one PostgreSQL."""

import os
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from http import HTTPStatus
from pathlib import Path
from statistics import median

from bench.database import Psql, database
from bench.load import Request
from bench.measuring import LEFT_OUT, Service
from bench.processors import in_turn
from bench.requests import ROWS, SETTINGS
from bench.servers import Server
from bench.setups import Setup, export
from bench.works import LIST

REPLICAS = 4
# How many times as much replicas do, each in a turn of its own, as one that has every fourth turn:
# as if each had a core.
RATIO_BAR = 3.2
WORKS = {
    "get": Request("GET", "/greeting", HTTPStatus.OK),
    "list": Request("GET", LIST, HTTPStatus.OK),
}
EXPORT = "1000 rows"
# So long that all of these connections are made, and some more.
ALONE, ALONE_SECONDS = (1, 2, 4, 8, 32, 90), 4


def measure_replicas(render: Callable[..., Path], rows: int, rounds: int, seconds: float) -> int:
    """Measure and print; return 1 if the bar is missed."""
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        psql = stack.enter_context(database())
        psql.create_table(rows)
        psql.create_items(ROWS)
        setups = prepare(Service.prepare(render("async", *LEFT_OUT), scratch, psql.url), psql)
        with ExitStack() as servers:
            for number, setup in enumerate(setups):
                servers.enter_context(setup.running(scratch / str(number)))
            for number in range(rounds + 1):
                now = f"Round {number} of {rounds}, the load is {os.getloadavg()[0]:.1f}"
                print(now if number else "Warming up ...", flush=True)
                measure_round(setups, rows, seconds)
                if not number:
                    for setup in setups:
                        setup.found.clear()
            missed = report(setups)
        print("\nLists per second of PostgreSQL alone, by connections:")
        for connections in ALONE:
            print(f"{connections:3} {psql.lists_per_second(connections, ALONE_SECONDS):9.0f}")
    print("\n" + ("\n".join(missed) or "The bar is met."))
    return bool(missed)


def prepare(service: Service, psql: Psql) -> list[Setup]:
    """Return what is compared."""
    setups = []
    for name, count, workers in (
        ("one replica", 1, 1),
        ("HTTP_WORKERS=2", 1, 2),
        (f"{REPLICAS} replicas", REPLICAS, 1),
    ):
        variables = service.variables | SETTINGS | {"HTTP_WORKERS": str(workers)}
        servers = [Server(name, service.folder, "run.py", variables, None) for _ in range(count)]
        setups.append(Setup(name, servers, psql.postmaster()))
    return setups


def measure_round(setups: list[Setup], rows: int, seconds: float) -> None:
    """Measure each work with each setup, in turn."""
    for work, request in WORKS.items():
        for setup in setups:
            setup.measure(work, setup.loading(request, seconds))
    for setup in setups:
        setup.measure(EXPORT, partial(export, rows=rows))
    for work, request in WORKS.items():
        for setup in (setups[0], setups[-1]):
            pids = [server.pid for server in setup.servers]
            with in_turn([*pids, *[None] * (REPLICAS - len(pids))]):
                setup.measure(f"{work}, in turn", setup.loading(request, REPLICAS * seconds), 1)


def report(setups: list[Setup]) -> list[str]:
    """Print the tables; return the bars that are missed."""
    one = setups[0]
    print(
        f"\n{'':25} {'per second':>10} {'x one':>6} {'replicas':>9} {'nginx':>9} {'PostgreSQL':>10}"
    )
    missed = []
    for work, rounds in one.found.items():
        for setup in setups:
            if work not in setup.found:
                continue
            speed, *spent = setup.figures(work)
            ratio = median(
                theirs[0] / ours[0] for theirs, ours in zip(setup.found[work], rounds, strict=True)
            )
            columns = " ".join(f"{each:9.3f}" for each in spent)
            print(f"{work + ', ' + setup.name:25} {speed:10.0f} {ratio:6.2f} {columns}")
        if work.endswith("in turn") and ratio < RATIO_BAR:
            missed.append(f"{work}: {ratio:.2f} x one replica, the bar is {RATIO_BAR}")
    print("\nMilliseconds of a core for each; megabytes:")
    for setup in setups:
        print(f"{setup.name:25} {setup.megabytes():10.0f}")
    return missed
