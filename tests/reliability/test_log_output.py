"""A log that nobody takes in, as when a collector hangs or a disk is full."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from reliability.clients import BOUND, fetch, until
from reliability.conftest import Record, Running, Start

# Lines of log of so many requests are several times what a pipe holds.
REQUESTS = 1000
FULL = Path("/dev/full")
# As many lines of that length are more than may wait.
LONG, MANY = "a" * 8000, 1500


def ask(running: Running, name: str = "a", times: int = REQUESTS) -> float:
    """Have so many requests answered; return the seconds of the longest answer."""
    longest = 0.0
    for _ in range(times):
        began = time.monotonic()
        assert fetch(running.host, f"/names/{name}").status == HTTPStatus.OK
        longest = max(longest, time.monotonic() - began)
    assert fetch(running.host, "/healthz").status == HTTPStatus.OK
    return longest


@pytest.mark.parametrize("workers", [1, 4])
def test_nothing_waits_for_a_pipe_that_nobody_reads(
    start: Start, record: Record, workers: int
) -> None:
    nobody, pipe = os.pipe()
    settings = {"ENVIRONMENT": "production", "HTTP_WORKERS": str(workers)}
    with (
        os.fdopen(nobody, "rb"),
        os.fdopen(pipe, "wb") as output,
        start(output=output, **settings) as running,
    ):
        longest = ask(running)
        running.process.send_signal(signal.SIGTERM)

        assert running.process.wait(BOUND) == 0
    record("The longest answer while nobody reads the log", longest, "s", 1)


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
            # A stop would wait no longer than a second for whoever reads.
            until(lambda: events.count("request") >= REQUESTS)
        output.close()
        read.join(BOUND)

    assert events.count("request") == REQUESTS


def test_lines_that_are_lost_are_counted(start: Start, soak: bool, record: Record) -> None:
    times = MANY * (4 if soak else 1)
    reader, pipe = os.pipe()
    with os.fdopen(reader, "rb") as lines, os.fdopen(pipe, "wb") as output:
        with start(output=output, ENVIRONMENT="production") as running:
            longest = ask(running, LONG, times)
            events: list[dict[str, Any]] = []
            read = threading.Thread(target=lambda: events.extend(map(json.loads, lines)))
            read.start()
            # What comes last, after all that waited.
            until(lambda: any(event["event"] == "log lines lost" for event in [*events]))
        output.close()
        read.join(BOUND)

    written = sum(event["event"] == "request" for event in events)
    lost = sum(event["lost"] for event in events if event["event"] == "log lines lost")
    record("Lines of log that were lost uncounted", abs(times - written - lost), "lines", 0)
    record("The longest answer while nobody reads the log", longest, "s", 1)


@pytest.mark.skipif(not FULL.exists(), reason=f"there is no {FULL}, whose disk is full")
def test_a_full_disk_fails_no_request(start: Start) -> None:
    with FULL.open("wb") as output, start(output=output, ENVIRONMENT="production") as running:
        ask(running)
