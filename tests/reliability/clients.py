"""Clients that wait, read slowly, or not at all, and see whether a response is whole."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from http import HTTPStatus
from math import inf
from typing import Any, NamedTuple

from reliability.raw_http import message

# Of anything that a test waits for; more than it takes on a busy machine.
BOUND = 30.0
# A transfer that breaks: no end of the chunks, or a reset.
BROKEN = (http.client.HTTPException, ConnectionError)
Host = tuple[str, int]


class Outcome(NamedTuple):
    """How a response went: ``status`` is 0 if none came."""

    status: int = 0
    body: bytes = b""
    size: int = 0
    is_whole: bool = False
    retry_after: str | None = None

    @property
    def problem(self) -> dict[str, Any]:
        """Return the problem that it tells."""
        found: dict[str, Any] = json.loads(self.body)
        return found


@contextmanager
def opened(host: Host, path: str, *headers: str) -> Iterator[http.client.HTTPResponse]:
    """Request a path, and give the response when it begins; leave it at the end of the block."""
    with socket.create_connection(host, BOUND) as connection:
        connection.sendall(message(f"GET {path}", *headers))
        with closing(http.client.HTTPResponse(connection, method="GET")) as response:
            response.begin()
            yield response


def read(response: http.client.HTTPResponse) -> Outcome:
    """Read a response to its end; keep only what is no file."""
    if response.status != HTTPStatus.OK:
        body = response.read()
        retry_after = response.getheader("Retry-After")
        return Outcome(response.status, body, len(body), True, retry_after)
    size = 0
    buffer = bytearray(256 * 1024)
    with suppress(*BROKEN):
        while count := response.readinto(buffer):
            size += count
        return Outcome(response.status, size=size, is_whole=True)
    return Outcome(response.status, size=size)


def fetch(host: Host, path: str) -> Outcome:
    """Request a path, and read the response to its end."""
    with suppress(*BROKEN), opened(host, path) as response:
        return read(response)
    return Outcome()


def until(condition: Callable[[], object], seconds: float = BOUND, pause: float = 0.02) -> float:
    """Wait until a condition holds; return the seconds that it took, or raise."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() < began + seconds, f"it took more than {seconds:g} seconds"
        time.sleep(pause)
    return time.monotonic() - began


class Asked(NamedTuple):
    """A request that a client made, and when."""

    path: str
    began: float
    ended: float
    outcome: Outcome


class Askers:
    """Clients that ask again and again, one for each path given."""

    def __init__(self, host: Host, paths: list[str]) -> None:
        self._host = host
        self._paths = paths
        self._is_over = threading.Event()
        self.asked: list[Asked] = []

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Ask until the block ends."""
        with ThreadPoolExecutor(len(self._paths)) as threads:
            loops = [threads.submit(self._ask, path) for path in self._paths]
            try:
                yield
            finally:
                self._is_over.set()
            for loop in loops:
                loop.result()

    def statuses(self, path: str, began: float = 0.0, before: float = inf) -> list[int]:
        """Return the statuses of what was asked in a span of time, in their order."""
        asked = [one for one in list(self.asked) if began <= one.began and one.ended <= before]
        return [one.outcome.status for one in asked if one.path == path]

    def longest(self) -> float:
        """Return the seconds of the answer that took the longest."""
        return max(one.ended - one.began for one in self.asked)

    def _ask(self, path: str) -> None:
        while not self._is_over.is_set():
            began = time.monotonic()
            outcome = fetch(self._host, path)
            self.asked.append(Asked(path, began, time.monotonic(), outcome))
