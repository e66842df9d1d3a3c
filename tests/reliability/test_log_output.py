"""A log that nobody takes in, as when a collector hangs or a disk is full."""

from __future__ import annotations

import json
import os
import signal
import threading
from http import HTTPStatus
from pathlib import Path

import pytest

from reliability.clients import BOUND, fetch
from reliability.conftest import Running, Start

# Lines of log of so many requests are several times what a pipe holds.
REQUESTS = 1000
FULL = Path("/dev/full")


def ask(running: Running) -> None:
    """Have so many requests answered."""
    found = [fetch(running.host, "/names/a").status for _ in range(REQUESTS)]
    assert found == [HTTPStatus.OK] * REQUESTS
    assert fetch(running.host, "/healthz").status == HTTPStatus.OK


@pytest.mark.parametrize("workers", [1, 4])
def test_nothing_waits_for_a_pipe_that_nobody_reads(start: Start, workers: int) -> None:
    nobody, pipe = os.pipe()
    settings = {"ENVIRONMENT": "production", "HTTP_WORKERS": str(workers)}
    with (
        os.fdopen(nobody, "rb"),
        os.fdopen(pipe, "wb") as output,
        start(output=output, **settings) as running,
    ):
        ask(running)
        running.process.send_signal(signal.SIGTERM)

        assert running.process.wait(BOUND) == 0


def test_lines_are_there_when_the_pipe_is_read_again(start: Start) -> None:
    reader, pipe = os.pipe()
    with os.fdopen(reader, "rb") as lines, os.fdopen(pipe, "wb") as output:
        with start(output=output, ENVIRONMENT="production") as running:
            ask(running)
            events: list[str] = []
            read = threading.Thread(
                target=lambda: events.extend(json.loads(line)["event"] for line in lines)
            )
            read.start()
        output.close()
        read.join(BOUND)

    assert events.count("request") == REQUESTS


@pytest.mark.skipif(not FULL.exists(), reason=f"there is no {FULL}, whose disk is full")
def test_a_full_disk_fails_no_request(start: Start) -> None:
    with FULL.open("wb") as output, start(output=output, ENVIRONMENT="production") as running:
        ask(running)
