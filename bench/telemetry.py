"""What spans and metrics cost requests: without the module, with it unheard, and with it heard."""

import compileall
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from bench.comparison import Comparison
from bench.database import database
from bench.load import Request
from bench.measuring import FRAMEWORKS, LEFT_OUT, Service
from bench.requests import ROWS, SETTINGS, Servers, measure, report
from bench.servers import Server, pinned, two_cores
from bench.works import LIST, Work

# The requests of one by those of the other, in the same time: nothing at all, but for the noise
# of a shared machine, and at most a tenth.
OFF_BAR, HEARD_BAR = 0.97, 0.9


class _Collector(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        """Take what is sent, and forget it."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def collecting() -> Iterator[str]:
    """Run a collector until the block ends; give its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Collector) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def measure_telemetry(render: Callable[..., Path], rounds: int, seconds: float) -> int:
    """Measure and print; return 1 if a bar is missed."""
    theirs, ours = two_cores()
    works = [
        Work(
            Request("GET", path, HTTPStatus.OK), Comparison(f"{name} {framework}", bars(framework))
        )
        for framework in FRAMEWORKS
        for name, path in (("get", "/greeting"), ("list", LIST))
    ]
    with ExitStack() as stack:
        stack.enter_context(pinned(ours))
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        psql = stack.enter_context(database())
        psql.create_items(ROWS)
        collector = stack.enter_context(collecting())
        servers = prepare(render, scratch, psql.url, collector, theirs)
        for server in servers.values():
            stack.enter_context(server.running())
        measure(works, servers, rounds, seconds)
    return report([work.comparison for work in works])


def bars(framework: str) -> dict[tuple[str, str], float]:
    """Return how many requests there must be beside each other."""
    without, off, heard = names(framework)
    return {(off, without): OFF_BAR, (heard, off): HEARD_BAR}


def names(framework: str) -> tuple[str, str, str]:
    """Return the names of the servers of a framework."""
    return f"{framework}-without", f"{framework}-off", f"{framework}-heard"


def prepare(
    render: Callable[..., Path], scratch: Path, url: str, collector: str, core: int | None
) -> Servers:
    """Return the servers by their names."""
    heard_by = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector,
        "OTEL_TRACES_SAMPLER": "parentbased_traceidratio",
        "OTEL_TRACES_SAMPLER_ARG": "0.1",
    }
    modules = [each for each in LEFT_OUT if each != "use_telemetry"]
    servers = {}
    for framework in FRAMEWORKS:
        plain = Service.prepare(render(framework, *LEFT_OUT), scratch / "plain", url)
        told = Service.prepare(render(framework, *modules), scratch / "told", url)
        settings = plain.variables | SETTINGS
        kinds = [(plain, settings), (told, settings), (told, settings | heard_by)]
        for name, (service, variables) in zip(names(framework), kinds, strict=True):
            servers[name] = Server(name, service.folder, "run.py", variables, core)
    compileall.compile_dir(scratch, quiet=1)
    return servers
