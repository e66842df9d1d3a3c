"""Requests to generated services, beside the same service written by hand."""

import compileall
import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from bench.comparison import Comparison
from bench.database import database
from bench.load import CONNECTIONS
from bench.measuring import FRAMEWORKS, LEFT_OUT, Service
from bench.servers import Server, pinned, two_cores
from bench.works import BY_HAND, START_BARS, Work, works

PEERS = Path(__file__).parent / "peers"
PEER_SCRIPTS = {BY_HAND: "fastapi_service.py", "connexion": "connexion_service.py"}
ROWS = 2_000
# A pool of SQLAlchemy closes a connection that is given back when enough are idle.
SETTINGS = {"LOG_LEVEL": "INFO", "DATABASE_POOL_SIZE": str(CONNECTIONS)}

Servers = dict[str, Server]


def measure_requests(render: Callable[..., Path], rounds: int, seconds: float) -> int:
    """Measure and print; return 1 if a bar is missed."""
    theirs, ours = two_cores()
    start, requests = Comparison("start", START_BARS), works()
    with ExitStack() as stack:
        # What we start, as PostgreSQL, keeps to our core, but for the servers.
        stack.enter_context(pinned(ours))
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        psql = stack.enter_context(database())
        psql.create_items(ROWS)
        servers = prepare(render, scratch, psql.url, theirs)
        measure_start(start, servers, rounds)
        for server in servers.values():
            stack.enter_context(server.running())
        measure(requests, servers, rounds, seconds)
    return report([*(work.comparison for work in requests), start])


def prepare(render: Callable[..., Path], scratch: Path, url: str, core: int | None) -> Servers:
    """Return the servers by their names, compiled as in the image of a service."""
    services = [
        Service.prepare(render(framework, *LEFT_OUT), scratch, url) for framework in FRAMEWORKS
    ]
    variables = services[0].variables | SETTINGS
    peers = Path(shutil.copytree(PEERS, scratch / "peers"))
    compileall.compile_dir(scratch, quiet=1)
    scripts = [(each.folder.name, each.folder, "run.py") for each in services]
    scripts += [(name, peers, script) for name, script in PEER_SCRIPTS.items()]
    return {name: Server(name, folder, script, variables, core) for name, folder, script in scripts}


def measure_start(start: Comparison, servers: Servers, rounds: int) -> None:
    """Start the servers in turn, round by round."""
    for number in range(rounds + 1):
        print(f"Start {number} of {rounds} ..." if number else "Starting once ...", flush=True)
        for name in start.servers:
            with servers[name].running() as took:
                # The first start reads files that the next ones find in memory.
                if number:
                    start.add(name, took, servers[name].processor_seconds())


def measure(requests: list[Work], servers: Servers, rounds: int, seconds: float) -> None:
    """Take the works and the servers in turn, round by round."""
    for work in requests:
        work.check(servers)
    for number in range(rounds + 1):
        print(f"Round {number} of {rounds} ..." if number else "Warming up ...", flush=True)
        for work in requests:
            for name in work.comparison.servers:
                took = work.measure(servers[name], seconds)
                if number:
                    work.comparison.add(name, *took)


def report(comparisons: list[Comparison]) -> int:
    """Print the table and the bars that are missed; return 1 if there are any."""
    print(f"\n{'milliseconds':20} {'best':>9} {'median':>9} {'of core':>9}  ratio of the medians")
    for comparison in comparisons:
        print("\n".join(comparison.report()))
    missed = [line for comparison in comparisons for line in comparison.missed()]
    print("\n" + ("\n".join(missed) or "All bars are met."))
    return bool(missed)
