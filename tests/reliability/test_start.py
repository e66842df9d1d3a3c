"""How a service that cannot start says so, and how several processes start and stop."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from interpreters import OUR_PYTHON

from examples.serving import START_SECONDS, free_port
from reliability.clients import BOUND, until
from reliability.conftest import OVERLAY, Start
from reliability.logs import events
from reliability.raw_http import ask, message

SECRET = "hunter2"  # noqa: S105
# What is wrong, as a change of the contract or of the handlers, and what the message must name.
MISTAKES = {
    "unknown-handler": ("api-spec.yml", "app.api.thing", "app.api.thnig", "app.api.thnig"),
    "handler-not-async": ("app/api.py", "async def thing(", "def thing(", "app.api.thing"),
    "operation-twice": ("api-spec.yml", "app.api.thing", "app.api.name", "app.api.name"),
    "operation-without-id": ("api-spec.yml", "operationId: app.api.thing", "x-a: b", "GET /things"),
}
BAD_SETTINGS = {
    "CORS_ALLOW_CREDENTIALS": "true",
    "DATABASE_POOLER": SECRET,
    "DATABASE_URL": f"postgresql://user:{SECRET}@host/name?sslmode={SECRET}",
    "HTTP_PORT": SECRET,
    "LOG_LEVEL": SECRET,
    "REQUEST_TIMEOUT": f"-{SECRET}",
    "ROOT_PATH": SECRET,
}

# What a process of several does before it serves; then Ctrl-C comes.
WORKER = """
import runpy, signal
runpy.run_path("run.py", run_name="__mp_main__")
signal.raise_signal(signal.SIGINT)
print("it goes on")
"""

Attempt = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def attempt(environment: Callable[[Path, str], Path], service_variables: dict[str, str]) -> Attempt:
    """Give the function that starts a service which must end by itself, within a bound."""

    def run(folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
        python = environment(folder, OUR_PYTHON) / "bin" / "python"
        variables = service_variables | {"HTTP_PORT": str(free_port())} | settings
        return subprocess.run(
            [python, "run.py"],
            cwd=folder,
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=START_SECONDS,
        )

    return run


@pytest.fixture(scope="module")
def either_service(service: Callable[[str], Path]) -> Path:
    """Render one framework, for what is the same in all."""
    return service("flask-database-csv_export")


def make_mistake(source: Path, destination: Path, name: str) -> Path:
    """Copy a service, and change it for the worse."""
    file, right, wrong, _ = MISTAKES[name]
    folder = destination / "my-service"
    shutil.copytree(source, folder)
    shutil.copytree(OVERLAY, folder, dirs_exist_ok=True)
    text = (folder / file).read_text("utf-8")
    assert text.count(right) == 1
    (folder / file).write_text(text.replace(right, wrong), "utf-8")
    return folder


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_of_the_team_stops_the_start(
    attempt: Attempt, either_service: Path, tmp_path: Path, name: str
) -> None:
    result = attempt(make_mistake(either_service, tmp_path, name))

    (line,) = result.stdout.splitlines()
    assert result.returncode == 1
    assert MISTAKES[name][-1] in line


def test_mistake_stops_several_processes(
    attempt: Attempt, hard_service: Path, tmp_path: Path
) -> None:
    folder = make_mistake(hard_service, tmp_path, "unknown-handler")

    assert attempt(folder, HTTP_WORKERS="2").returncode == 1


def test_bad_settings_stop_the_start(attempt: Attempt, either_service: Path) -> None:
    result = attempt(either_service, **BAD_SETTINGS, CORS_ALLOW_ORIGINS="*")

    first, *lines = result.stdout.splitlines()
    assert result.returncode == 1
    assert first == "The service does not start, because of its settings:"
    assert sorted(line.split(":")[0].strip() for line in lines) == sorted(BAD_SETTINGS)
    assert SECRET not in result.stdout


def test_production_without_a_database_stops_the_start(
    attempt: Attempt, either_service: Path
) -> None:
    result = attempt(either_service, ENVIRONMENT="production", DATABASE_URL="")

    assert result.returncode == 1
    assert result.stdout.splitlines()[1:] == ["  DATABASE_URL: must be set in production"]


@pytest.mark.parametrize("workers", ["1", "2"])
def test_port_in_use_stops_the_start(attempt: Attempt, either_service: Path, workers: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
        result = attempt(either_service, HTTP_PORT=port, HTTP_WORKERS=workers)

    assert result.returncode != 0
    assert "address already in use" in result.stdout.lower()


def test_two_processes_serve_and_stop(start: Start) -> None:
    with start(HTTP_WORKERS="2") as running:
        for _ in range(20):
            assert ask(running.host, message("GET /things/7")).status == 200
        # One of them is enough for that, and the signal would kill the other in its start.
        until(lambda: running.log.read_bytes().count(b"Application startup complete") == 2)
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(BOUND) == 0

    names = [event["event"] for event in events(running)]
    assert sum(name.startswith("Started server process") for name in names) == 2
    assert sum(name.startswith("Finished server process") for name in names) == 2
    # The server's own log of requests is off in each process.
    assert names.count("request") == 20
    assert "uvicorn.access" not in {event["logger"] for event in events(running)}


def test_process_that_starts_leaves_ctrl_c_to_the_one_that_began_it(
    environment: Callable[[Path, str], Path],
    either_service: Path,
    service_variables: dict[str, str],
) -> None:
    python = environment(either_service, OUR_PYTHON) / "bin" / "python"

    printed = subprocess.check_output(
        [python, "-c", WORKER],
        cwd=either_service,
        env=service_variables,
        text=True,
        timeout=START_SECONDS,
    )

    assert printed == "it goes on\n"
