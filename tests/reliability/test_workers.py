"""One of several workers is killed: the others serve on, and another takes its place."""

from __future__ import annotations

import os
import signal
from http.client import OK
from pathlib import Path

from reliability.clients import Askers, until
from reliability.conftest import Record, Running, Start

WORKERS, CLIENTS = 4, 8
STARTED = b"Application startup complete"
BROKEN = 0
PATH = "/names/a"
# What run.py gives a worker to say that it lives, which one that dies just then never does.
ASKED_SECONDS = 30


def test_killed_worker_is_replaced(start: Start, soak: bool, record: Record) -> None:
    kills = 20 if soak else 2
    seconds = []
    with start(HTTP_WORKERS=str(WORKERS)) as running:
        wait_for_starts(running, WORKERS)
        askers = Askers(running.host, [PATH] * CLIENTS)
        with askers.asking():
            for killed in range(1, kills + 1):
                os.kill(list_workers(running)[0], signal.SIGKILL)
                seconds.append(wait_for_starts(running, WORKERS + killed))
            served = len(askers.asked)
            until(lambda: len(askers.asked) > served + CLIENTS)
        assert len(list_workers(running)) == WORKERS

    statuses = askers.statuses(PATH)
    assert {*statuses} <= {OK, BROKEN}
    assert statuses.count(OK) > CLIENTS * kills
    record(
        "From the death of one of 4 workers to the start of another",
        max(seconds),
        "s",
        ASKED_SECONDS + 10,
    )
    broken = statuses.count(BROKEN) / kills
    record("Requests of 8 clients that a worker's death breaks", broken, "requests", CLIENTS)


def wait_for_starts(running: Running, count: int) -> float:
    """Wait until so many workers have been ready to serve; return the seconds that it took."""
    bound = 2 * (ASKED_SECONDS + 10)
    return until(lambda: running.log.read_bytes().count(STARTED) == count, bound)


def list_workers(running: Running) -> list[int]:
    """Return the processes that serve; one more tracks what they share."""
    pid = running.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()
    commands = {int(each): Path(f"/proc/{each}/cmdline").read_bytes() for each in children}
    return [each for each, command in commands.items() if b"spawn_main" in command]
