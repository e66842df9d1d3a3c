"""Replicas of a service behind an nginx of their own, and what a request to them takes."""

import http.client
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from pathlib import Path
from statistics import median

from bench.load import CONNECTIONS, Request, load
from bench.memory import read_share
from bench.processors import list_children, processor_seconds
from bench.servers import Server
from examples.proxying import Proxy, proxying

# So many files at once.
EXPORTS = 4
# Connections stay with a replica: else they all end up waiting for those whose turn it is not.
STICKY = "hash $connection;"
Do = Callable[[int], tuple[float, float]]


@dataclass
class Setup:
    """Servers behind two nginx: the first, which is the default, spreads each request."""

    name: str
    servers: list[Server]
    database: int
    proxies: list[Proxy] = field(default_factory=list)
    # Of each work: how much per second, and the milliseconds of processors that it takes.
    found: dict[str, list[tuple[float, ...]]] = field(default_factory=dict)

    @contextmanager
    def running(self, folder: Path) -> Iterator[None]:
        """Serve until the block ends."""
        with ExitStack() as stack:
            for server in self.servers:
                stack.enter_context(server.running())
            addresses = [f"127.0.0.1:{server.port}" for server in self.servers]
            for number, balance in enumerate(("", STICKY)):
                place = folder / str(number)
                place.mkdir(parents=True)
                proxy = proxying(place, addresses, balance=balance)
                self.proxies.append(stack.enter_context(proxy))
            yield

    def loading(self, request: Request, seconds: float) -> Do:
        """Return what keeps as many connections busy for each replica."""
        so_many = CONNECTIONS * len(self.servers)
        return partial(load, request=request, seconds=seconds, so_many=so_many)

    def measure(self, work: str, do: Do, proxy: int = 0) -> None:
        """Have something done, which returns its seconds and how much it was."""
        before = self._processors()
        seconds, count = do(self.proxies[proxy].port)
        spent = [
            (new - old) / count * 1000 for old, new in zip(before, self._processors(), strict=True)
        ]
        self.found.setdefault(work, []).append((count / seconds, *spent))

    def figures(self, work: str) -> list[float]:
        """Return what is in the middle of all rounds."""
        return [median(values) for values in zip(*self.found[work], strict=True)]

    def megabytes(self) -> float:
        """Return the memory of all its processes but nginx's; what they share counts once."""
        pids = [server.pid for server in self.servers]
        pids += [child for pid in pids for child in list_children(pid)]
        return sum(read_share(Path(f"/proc/{pid}")) for pid in pids) / 1024

    def _processors(self) -> list[float]:
        """Return the seconds of the replicas, of nginx and of PostgreSQL."""
        replicas = sum(processor_seconds(server.pid) for server in self.servers)
        proxies = sum(processor_seconds(proxy.pid) for proxy in self.proxies)
        return [replicas, proxies, processor_seconds(self.database)]


def export(port: int, rows: int) -> tuple[float, float]:
    """Get some files at once; return the seconds, and thousands of rows."""

    def download(_number: int) -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
            connection.request("GET", "/copy")
            response = connection.getresponse()
            lines = 0
            while some := response.read(1024 * 1024):
                lines += some.count(b"\n")
            if (response.status, lines) != (HTTPStatus.OK, rows + 1):
                raise RuntimeError(f"/copy answered {response.status} with {lines} lines")

    began = time.perf_counter()
    with ThreadPoolExecutor(EXPORTS) as threads:
        list(threads.map(download, range(EXPORTS)))
    return time.perf_counter() - began, rows * EXPORTS / 1000
