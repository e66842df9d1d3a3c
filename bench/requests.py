"""Requests to generated services, beside the same service written by hand."""

import compileall
import json
import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path

from bench.comparison import Comparison
from bench.database import database
from bench.load import Request, ask, seconds_per_request
from bench.measuring import Service
from bench.servers import Server, pinned, two_cores

HERE = Path(__file__).parent
ROWS = 2_000
# Bars are of the time that the other takes by our own, at least.
LIST_BARS = {("async", "fastapi"): 1.2, ("flask", "fastapi"): 0.8, ("flask", "connexion"): 2.5}
REFUSED_BARS = {("async", "fastapi"): 1.2, ("flask", "fastapi"): 0.8}
POST_BARS = {("async", "fastapi"): 1.0, ("flask", "fastapi"): 0.7}
# At most 1.3 times as long.
START_BARS = {("async", "fastapi"): 1 / 1.3, ("flask", "fastapi"): 1 / 1.3}
LIST = "/items?categories=tree,shrub&active=true&created_from=2020-01-01"


@dataclass
class Work:
    """A request, and what servers take for it."""

    request: Request
    comparison: Comparison
    body: bytes | None = None

    def request_to(self, server: str) -> Request:
        """Return the request, with the status that a server must answer."""
        if self.request.status == HTTPStatus.BAD_REQUEST and server == "fastapi":
            return replace(self.request, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        return self.request

    def check(self, servers: dict[str, Server]) -> None:
        """Ask each server once; raise if what succeeds has different answers."""
        answers = {
            name: ask(servers[name].port, self.request_to(name)) for name in self.comparison.servers
        }
        if self.request.status == HTTPStatus.OK:
            first, *others = [json.loads(answer) for answer in answers.values()]
            if any(other != first for other in others):
                raise RuntimeError(f"{self.request.target}: the servers' answers differ: {answers}")

    def measure(self, servers: dict[str, Server], seconds: float) -> None:
        """Let the servers take their turns."""
        for name in self.comparison.servers:
            port, request = servers[name].port, self.request_to(name)
            self.comparison.add(name, seconds_per_request(port, request, seconds))


def works() -> list[Work]:
    """Return what is measured."""
    order = json.dumps(json.loads((HERE / "order.json").read_text("utf-8")), separators=(",", ":"))
    return [
        Work(Request("GET", LIST, HTTPStatus.OK), Comparison("list", LIST_BARS)),
        Work(
            Request("GET", "/items?active=maybe", HTTPStatus.BAD_REQUEST),
            Comparison("refused", REFUSED_BARS),
        ),
        Work(
            Request("POST", "/orders", HTTPStatus.OK, order.encode()),
            Comparison("post", POST_BARS),
        ),
    ]


def measure_requests(render: Callable[..., Path], rounds: int, seconds: float) -> int:
    """Measure and print; return 1 if a bar is missed."""
    core, ours = two_cores()
    start, requests = Comparison("start", START_BARS), works()
    with ExitStack() as stack:
        stack.enter_context(pinned(ours))
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        psql = stack.enter_context(database())
        psql.create_items(ROWS)
        servers = prepare(render, scratch, psql.url, core)
        for number in range(rounds):
            print(f"Start {number + 1} of {rounds} ...", flush=True)
            for name in start.servers:
                with servers[name].running() as took:
                    start.add(name, took)
        for server in servers.values():
            stack.enter_context(server.running())
        measure(requests, servers, rounds, seconds)
    return report([*(work.comparison for work in requests), start])


def prepare(
    render: Callable[..., Path], scratch: Path, url: str, core: int | None
) -> dict[str, Server]:
    """Return the servers by their names, compiled as in the image of a service."""
    # As many connections to the database as the client has: pools close those above their size.
    settings = {"LOG_LEVEL": "INFO", "DATABASE_POOL_SIZE": "8"}
    servers = {}
    for framework in ("async", "flask"):
        service = Service.prepare(render(framework, "use_auth"), scratch, url)
        variables = service.variables | settings
        servers[framework] = Server(framework, service.folder, "run.py", variables, core)
    peers = shutil.copytree(HERE / "peers", scratch / "peers")
    for name in ("fastapi", "connexion"):
        servers[name] = Server(name, peers, f"{name}_service.py", variables, core)
    compileall.compile_dir(scratch, quiet=1)
    return servers


def measure(requests: list[Work], servers: dict[str, Server], rounds: int, seconds: float) -> None:
    """Take the works and the servers in turn, round by round."""
    for work in requests:
        work.check(servers)
        # The first requests fill pools and caches.
        for name in work.comparison.servers:
            seconds_per_request(servers[name].port, work.request_to(name), seconds)
    for number in range(rounds):
        print(f"Round {number + 1} of {rounds} ...", flush=True)
        for work in requests:
            work.measure(servers, seconds)


def report(comparisons: list[Comparison]) -> int:
    """Print the table and the bars that are missed; return 1 if there are any."""
    print(f"\n{'milliseconds':20} {'best':>9} {'median':>9}  as fast as")
    for comparison in comparisons:
        print("\n".join(comparison.report()))
    missed = [line for comparison in comparisons for line in comparison.missed()]
    print("\n".join(["", *missed]) if missed else "\nAll bars are met.")
    return bool(missed)
