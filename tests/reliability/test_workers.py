"""One of several workers is killed: the others serve on, and another takes its place."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from http.client import OK
from pathlib import Path

from reliability.clients import Askers, until
from reliability.conftest import Record, Running, Start

WORKERS, CLIENTS = 4, 4
STARTED = b"Application startup complete"
BROKEN = 0
PATH = "/names/a"
# Half of what run.py gives a worker to say that it lives.
REPLACED_SECONDS = 15


def test_killed_worker_is_replaced(start: Start, soak: bool, record: Record) -> None:
    kills = 10 if soak else 1
    seconds, gone = [], set[int]()
    with start(HTTP_WORKERS=str(WORKERS)) as running:
        wait_for_starts(running, WORKERS)
        askers = Askers(running.host, [PATH] * CLIENTS)
        with askers.asking():
            for killed in range(1, kills + 1):
                worker = list_workers(running)[0]
                gone.add(worker)
                if killed % 2:
                    # It is asked every half second whether it lives, and dies over that.
                    os.kill(worker, signal.SIGSTOP)
                    time.sleep(1)
                os.kill(worker, signal.SIGKILL)
                died = time.monotonic()
                until(lambda: len({*list_workers(running)} - gone) == WORKERS, REPLACED_SECONDS)
                wait_for_starts(running, WORKERS + killed)
                seconds.append(time.monotonic() - died)
            served = len(askers.asked)
            until(lambda: len(askers.asked) > served + CLIENTS)
        assert len(list_workers(running)) == WORKERS

    statuses = askers.statuses(PATH)
    assert {*statuses} <= {OK, BROKEN}
    assert statuses.count(OK) > CLIENTS * kills
    record("From the death of one of 4 workers to the start of another", max(seconds), "s", 10)
    broken = statuses.count(BROKEN) / kills
    record("Requests of 4 clients that a worker's death breaks", broken, "requests", CLIENTS)


def wait_for_starts(running: Running, count: int) -> None:
    """Wait until so many workers have been ready to serve."""
    until(lambda: running.log.read_bytes().count(STARTED) == count, 60)


def list_workers(running: Running) -> list[int]:
    """Return the processes that serve; one more tracks what they share."""
    pid = running.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()
    found = []
    for each in children:
        # It may be gone by now.
        with suppress(FileNotFoundError, ProcessLookupError):
            if b"spawn_main" in Path(f"/proc/{each}/cmdline").read_bytes():
                found.append(int(each))
    return found
