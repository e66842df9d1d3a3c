"""What a service does while its database is away, and when it comes back."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import OK, SERVICE_UNAVAILABLE

import pytest

from reliability.backends import count
from reliability.clients import BOUND, Askers, Host, fetch, opened, read, until
from reliability.conftest import Record, Running, Start
from reliability.own_postgres import OwnPostgres, own_postgres

QUERY = "/query?seconds=0.02"
READY = "/readyz"
CLIENTS = 4
SHUTDOWN_TIMEOUT = 1
KINDS = {"fast": "stopped", "immediate": "killed", "frozen": "silent"}


@pytest.fixture(scope="module")
def server() -> Iterator[OwnPostgres]:
    with own_postgres() as postgres:
        yield postgres


@pytest.fixture(scope="module")
def settings(server: OwnPostgres) -> dict[str, str]:
    return {
        "DATABASE_URL": server.get_uri(),
        "DATABASE_POOL_SIZE": "3",
        "DATABASE_POOL_MAX_OVERFLOW": "0",
        "DATABASE_POOL_TIMEOUT": "1",
        "REQUEST_TIMEOUT": "1",
        "SHUTDOWN_TIMEOUT": str(SHUTDOWN_TIMEOUT),
    }


@pytest.fixture(scope="module")
def long_running(start: Start, server: OwnPostgres, settings: dict[str, str]) -> Iterator[Running]:
    server.start()
    with start(**settings) as running:
        yield running


@pytest.fixture
def running(long_running: Running, server: OwnPostgres) -> Running:
    server.start()
    until(lambda: answers(long_running.host))
    return long_running


@pytest.mark.parametrize("how", KINDS)
def test_outage_gives_problems_and_ends_by_itself(
    running: Running, server: OwnPostgres, soak: bool, record: Record, how: str
) -> None:
    for _ in range(5 if soak else 1):
        longest, seconds = outage(running, server, how)
        record(f"The longest answer while it is {KINDS[how]}, of 1 s allowed", longest, "s", 5)
        record(
            f"From the return of a database that was {KINDS[how]} to good answers", seconds, "s", 5
        )


def outage(running: Running, server: OwnPostgres, how: str) -> tuple[float, float]:
    """Return the seconds of the longest answer, and those from the end to good answers."""
    askers = Askers(running.host, [*[QUERY] * CLIENTS, READY, "/healthz"])
    with askers.asking():
        until(lambda: askers.statuses(QUERY).count(OK) > CLIENTS)
        server.stop(how)
        away = time.monotonic()
        until(lambda: len(askers.statuses(QUERY, away)) > CLIENTS)
        until(lambda: askers.statuses(READY, away))
        assert_failing(running.host)
        back = time.monotonic()
        server.start()
        seconds = until(lambda: answers(running.host))
        until(lambda: askers.statuses(QUERY, back).count(OK) > CLIENTS)

    assert set(askers.statuses("/healthz")) == {OK}
    assert set(askers.statuses(QUERY, away, back)) == {SERVICE_UNAVAILABLE}
    assert set(askers.statuses(READY, away, back)) == {SERVICE_UNAVAILABLE}
    assert {one.outcome.status for one in askers.asked} == {OK, SERVICE_UNAVAILABLE}
    return askers.longest(), seconds


@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_export_breaks_where_the_database_stops(
    running: Running, server: OwnPostgres, how: str
) -> None:
    with opened(running.host, "/export?rows=60000&seconds=60") as export:
        server.stop(how)

        assert not read(export).is_whole


def test_database_that_is_away_at_the_start_is_waited_for(
    start: Start, server: OwnPostgres, settings: dict[str, str], record: Record
) -> None:
    server.start()
    server.stop("fast")
    with start(probe="/healthz", **settings) as running:
        assert_failing(running.host)
        server.start()
        seconds = until(lambda: answers(running.host))
    record("From the arrival of a database that the start lacked to good answers", seconds, "s", 5)


def test_stop_does_not_wait_for_a_silent_database(
    start: Start, server: OwnPostgres, settings: dict[str, str], record: Record
) -> None:
    server.start()
    # It may have queries yet that slept when this test was run on another framework.
    server.stop("fast")
    server.start()
    with start(**settings | {"REQUEST_TIMEOUT": "60"}) as running, ThreadPoolExecutor() as threads:
        queries = [threads.submit(fetch, running.host, "/query?seconds=60") for _ in range(2)]
        with opened(running.host, "/export?rows=60000&seconds=60") as export:
            until(lambda: count(server, "postgres", "query ilike 'select pg_sleep%'") == 2)
            server.stop("frozen")
            began = time.monotonic()
            running.process.send_signal(signal.SIGTERM)

            assert running.process.wait(BOUND) == 0
            seconds = time.monotonic() - began - SHUTDOWN_TIMEOUT
            assert not read(export).is_whole
        assert {query.result().status for query in queries} == {SERVICE_UNAVAILABLE}
    server.start()
    record("A stop beyond SHUTDOWN_TIMEOUT, while the database is silent", seconds, "s", 5)


def answers(host: Host) -> bool:
    return all(fetch(host, path).status == OK for path in (READY, QUERY))


def assert_failing(host: Host) -> None:
    assert fetch(host, "/healthz").status == OK
    ready = fetch(host, READY)
    assert ready.status == SERVICE_UNAVAILABLE
    assert ready.problem["checks"]["database"]["status"] == "failing"
    query = fetch(host, QUERY)
    assert query.status == query.problem["status"] == SERVICE_UNAVAILABLE
