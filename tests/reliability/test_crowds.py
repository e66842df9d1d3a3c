"""More clients than connections, and clients that read slowly."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.client import OK, SERVICE_UNAVAILABLE
from pathlib import Path

import pytest

from reliability.clients import Askers, Outcome, fetch, opened
from reliability.conftest import Record, Running, Start

CLIENTS = 100
READERS = 20
SECONDS = 1


@pytest.fixture(scope="module")
def patient(start: Start) -> Iterator[Running]:
    settings = {
        "DATABASE_POOL_SIZE": str(READERS + 5),
        "DATABASE_POOL_MAX_OVERFLOW": "0",
        "DATABASE_POOL_TIMEOUT": "120",
        "REQUEST_TIMEOUT": "120",
        # Were a thread held while a file is read, two would be too few.
        "WSGI_THREADS": "2",
    }
    with start(**settings) as running:
        yield running


def test_crowd_that_may_wait_gets_whole_files(patient: Running, soak: bool, record: Record) -> None:
    path = f"/export?rows={50_000 if soak else 5000}"
    whole = fetch(patient.host, path)
    before = memory(patient, "VmRSS")
    forget_the_peak(patient)
    began = time.monotonic()

    assert crowd(patient, path) == [whole] * CLIENTS

    record("100 exports of 50 MB at once", time.monotonic() - began, "s", 60)
    growth = memory(patient, "VmHWM") - before
    record("The growth of the service's memory by them", growth, "MB", 64)


def test_crowd_that_may_not_wait_gets_whole_files_or_problems(start: Start) -> None:
    path = f"/export?rows=500&seconds={SECONDS}"
    settings = {"DATABASE_POOL_MAX_OVERFLOW": "0", "DATABASE_POOL_TIMEOUT": "1"}
    with start(DATABASE_POOL_SIZE="10", **settings) as running:
        whole = fetch(running.host, path)
        outcomes = crowd(running, path)

        assert fetch(running.host, path) == whole
    refused = [outcome for outcome in outcomes if outcome != whole]
    assert 0 < len(refused) < CLIENTS
    for outcome in refused:
        assert outcome.status == outcome.problem["status"] == SERVICE_UNAVAILABLE
        assert outcome.retry_after == "1"


def test_slow_readers_do_not_disturb_others(patient: Running, soak: bool, record: Record) -> None:
    with ExitStack() as stack:
        readers = [
            stack.enter_context(opened(patient.host, "/export?rows=100000")) for _ in range(READERS)
        ]
        others = Askers(patient.host, ["/query?seconds=0", "/echo?text=a", "/export?rows=300"])
        with others.asking():
            # Half of them read 1 kB a second, the others nothing at all.
            for _ in range(20 if soak else 2):
                for reader in readers[READERS // 2 :]:
                    assert len(reader.read(1000)) == 1000
                time.sleep(1)

    assert {one.outcome.status for one in others.asked} == {OK}
    record("The longest answer to others beside 20 slow readers", others.longest(), "s", 1)


def crowd(running: Running, path: str) -> list[Outcome]:
    with ThreadPoolExecutor(CLIENTS) as threads:
        return list(threads.map(fetch, [running.host] * CLIENTS, [path] * CLIENTS))


def memory(running: Running, name: str) -> float:
    status = Path(f"/proc/{running.process.pid}/status").read_text("utf-8")
    (line,) = [line for line in status.splitlines() if line.startswith(f"{name}:")]
    return int(line.split()[1]) / 1024


def forget_the_peak(running: Running) -> None:
    Path(f"/proc/{running.process.pid}/clear_refs").write_text("5", "utf-8")
