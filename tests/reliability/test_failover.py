"""The primary of two PostgreSQLs is killed, and the standby takes its place."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.client import INTERNAL_SERVER_ERROR, OK, SERVICE_UNAVAILABLE
from itertools import count

import pytest

from reliability.backends import Server
from reliability.clients import BOUND, Askers, Host, fetch, until
from reliability.conftest import Record, Start, Work
from reliability.own_postgres import OwnPostgres, own_postgres
from reliability.queues import Queue

READY, QUERY, WRITE = "/readyz", "/query?seconds=0.01", "/write?category="
WRITERS, WRITTEN = 3, 20
JOBS = 400
NAMES = "select category, string_agg(name, '' order by name) from items group by category"


@pytest.fixture
def primary() -> Iterator[OwnPostgres]:
    with own_postgres() as postgres:
        yield postgres


@pytest.fixture
def standby(primary: OwnPostgres) -> Iterator[OwnPostgres]:
    with primary.standby("standby") as postgres:
        yield postgres


def test_killed_primary_costs_503s_and_nothing_that_was_acknowledged(
    start: Start,
    migrate: Callable[..., None],
    primary: OwnPostgres,
    standby: OwnPostgres,
    record: Record,
) -> None:
    migrate(DATABASE_URL=primary.get_uri())
    written: dict[str, int] = {}
    is_over = threading.Event()
    numbers = count()

    def write(host: Host) -> None:
        while not is_over.is_set():
            category = str(next(numbers))
            written[category] = fetch(host, WRITE + category).status

    settings = {"DATABASE_POOL_TIMEOUT": "1", "REQUEST_TIMEOUT": "1"}
    with ExitStack() as stack:
        running = stack.enter_context(start(DATABASE_URL=either(primary, standby), **settings))
        askers = Askers(running.host, [READY, QUERY, "/healthz"])
        threads = stack.enter_context(ThreadPoolExecutor(WRITERS))
        stack.callback(is_over.set)
        with askers.asking():
            writers = [threads.submit(write, running.host) for _ in range(WRITERS)]
            until(lambda: len(written) > WRITTEN)
            primary.stop("immediate")
            away, failed = time.monotonic(), len(written)
            until(lambda: len(written) > failed + WRITTEN)
            until(lambda: len(askers.statuses(QUERY, away)) > WRITTEN)
            until(lambda: askers.statuses(READY, away))
            back = time.monotonic()
            standby.promote()
            promoted = until(lambda: fetch(running.host, QUERY).status == OK)
            until(lambda: fetch(running.host, READY).status == OK)
            served = len(written)
            until(lambda: len(written) > served + WRITTEN)
            is_over.set()
        for writer in writers:
            writer.result(BOUND)

    found = dict(Queue(standby.bin_path / "psql", standby.get_uri()).ask(NAMES))
    acknowledged = [category for category, status in written.items() if status == OK]
    # One that was not may have been written all the same, and then whole.
    assert [category for category in acknowledged if category not in found] == []
    assert set(found.values()) == {"ab"}
    assert set(written.values()) == {OK, SERVICE_UNAVAILABLE}
    assert set(askers.statuses("/healthz")) == {OK}
    # The standby reads, and is not asked.
    assert set(askers.statuses(QUERY, away, back)) == {SERVICE_UNAVAILABLE}
    assert set(askers.statuses(READY, away, back)) == {SERVICE_UNAVAILABLE}
    assert {one.outcome.status for one in askers.asked} == {OK, SERVICE_UNAVAILABLE}
    record("The longest answer while a primary is lost", askers.longest(), "s", 5)
    record("From the end of a standby's promotion to good answers", promoted, "s", 5)


@pytest.mark.parametrize("framework", ["flask"], indirect=True, scope="session")
def test_standby_answers_what_only_reads(
    start: Start, migrate: Callable[..., None], primary: OwnPostgres, standby: OwnPostgres
) -> None:
    migrate(DATABASE_URL=primary.get_uri())
    paths = (READY, "/items-csv?categories=a", f"{WRITE}a")
    # It is ready once the standby has what the migrations did.
    settings = {"DATABASE_URL": standby.get_uri(), "DATABASE_MIGRATIONS_REQUIRED": "true"}
    with start(**settings) as running:
        statuses = [fetch(running.host, path).status for path in paths]
    assert statuses == [OK, OK, INTERNAL_SERVER_ERROR]


def test_jobs_go_on_where_the_standby_takes_over(
    work: Work,
    migrate_queue: Callable[[Server, str], Queue],
    primary: OwnPostgres,
    standby: OwnPostgres,
    record_of_worker: Record,
) -> None:
    before = migrate_queue(primary, primary.get_uri())
    after = Queue(standby.bin_path / "psql", standby.get_uri())
    with work(either(primary, standby)) as worker:
        before.put("step", JOBS, seconds=0.02)
        before.wait_for_ends(JOBS / 4)
        primary.stop("immediate")
        standby.promote()
        seconds = after.wait_for_more()
        after.wait_until_empty()
        assert worker.process.poll() is None
    tally = after.tally()
    assert (tally.jobs_ended, tally.lost) == (JOBS, 0)
    record_of_worker("From the end of a standby's promotion to jobs", seconds, "s", 5)


def either(*servers: OwnPostgres) -> str:
    """Return the address of several servers, of which the primary is used."""
    hosts = [server.get_uri().partition("@")[2].partition("/")[0] for server in servers]
    return f"postgresql://postgres@{','.join(hosts)}/postgres?target_session_attrs=read-write"
