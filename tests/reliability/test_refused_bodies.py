"""A client whose body is refused gets the answer while it sends, and does not send for ever."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from reliability.conftest import Record, Start
from reliability.raw_http import BOUND, Request, head, read_answers
from reliability.test_responses import JSON

MEGABYTE = 1024 * 1024
LARGE = head("POST /echo HTTP/1.1", "Host: service", JSON, f"Content-Length: {50 * MEGABYTE}")
LATE = head("POST /echo HTTP/1.1", "Host: service", JSON, "Content-Length: 100")
# Those that the service gives to a body that nobody reads, and some for a busy machine.
END_SECONDS = 2 + BOUND


@pytest.mark.parametrize(
    ("request_head", "status"), [(LARGE, 413), (LATE, 408)], ids=["413", "408"]
)
def test_client_that_still_sends_reads_its_answer(
    start: Start, soak: bool, record: Record, request_head: bytes, status: int
) -> None:
    def refused() -> tuple[int, float]:
        with socket.create_connection(running.host, BOUND) as connection:
            connection.sendall(request_head)
            if status == 413:
                # More than the server and the network take in before the answer.
                connection.sendall(bytes(4 * MEGABYTE))
            (answer,) = read_answers(connection, Request(request_head, 1))
            return answer.status, send_until_it_ends(connection)

    limits = {"REQUEST_MAX_BYTES": "1000", "REQUEST_TIMEOUT": "1"}
    with start(**limits) as running, ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: refused(), range(48 if soak else 16)))

    assert {given for given, _ in found} == {status}
    longest = max(seconds for _, seconds in found)
    assert longest < END_SECONDS
    name = f"From a {status} to the end of a client that goes on sending"
    record(name, longest, "s", 3)


def send_until_it_ends(connection: socket.socket) -> float:
    """Go on sending, and return the seconds until the server ends it."""
    began = time.monotonic()
    with suppress(ConnectionError):
        while time.monotonic() < began + END_SECONDS:
            connection.sendall(b" ")
            time.sleep(0.05)
    return time.monotonic() - began
