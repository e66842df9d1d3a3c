"""Servers that keep to a core: renders, and the peers that they are compared with."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from bench.load import Request, ask
from bench.processors import processor_seconds
from examples.serving import START_SECONDS, STOP_SECONDS, free_port

ALIVE = Request("GET", "/healthz", HTTPStatus.OK)
KNOCK_SECONDS = 0.002


@dataclass
class Server:
    """A script that serves on HTTP_PORT."""

    name: str
    folder: Path
    script: str
    variables: dict[str, str]
    core: int | None
    port: int = 0
    pid: int = 0

    @contextmanager
    def running(self) -> Iterator[float]:
        """Serve until the block ends; give the seconds from the start to the first answer."""
        self.port = free_port()
        began = time.perf_counter()
        with pinned(self.core):
            process = subprocess.Popen(
                [sys.executable, self.script],
                cwd=self.folder,
                env={**self.variables, "HTTP_PORT": str(self.port)},
                stdout=subprocess.DEVNULL,
            )
        self.pid = process.pid
        try:
            self._wait(process)
            yield time.perf_counter() - began
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)

    def processor_seconds(self) -> float:
        """Return what the server has had of its core, which others may use too (Linux only)."""
        return processor_seconds(self.pid)

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        """Return when the server answers; raise if it stops, or takes too long."""
        deadline = time.perf_counter() + START_SECONDS
        while time.perf_counter() < deadline:
            if process.poll() is not None:
                raise RuntimeError(f"{self.name} stopped with exit status {process.returncode}")
            with suppress(ConnectionError):
                ask(self.port, ALIVE)
                return
            time.sleep(KNOCK_SECONDS)
        raise TimeoutError(f"{self.name} does not answer after {START_SECONDS} seconds")


def two_cores() -> tuple[int | None, int | None]:
    """Return a core for servers and one for all else; none where processes cannot be pinned."""
    if not hasattr(os, "sched_getaffinity"):
        return None, None
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) == 1:
        raise RuntimeError("the benchmark of requests needs two cores")
    return cores[-1], cores[0]


@contextmanager
def pinned(core: int | None) -> Iterator[None]:
    """Keep to a core until the block ends; what is started there keeps to it for good."""
    if core is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
