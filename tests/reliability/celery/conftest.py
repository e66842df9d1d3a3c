"""A service whose jobs are Celery's, and the brokers that they wait in."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from interpreters import OUR_PYTHON

from examples.serving import free_port, serving
from reliability.celery.brokers import BROKERS, OwnBroker
from reliability.celery.links import Link, linked
from reliability.certificates import make_certificates
from reliability.conftest import Running, run_until_death
from reliability.logs import events

OVERLAY = Path(__file__).parent / "service"
# Redis gives a job to another worker after a quarter more.
LONGEST = 3
# A busy machine may need longer than the others to come to the signal.
LONG = {"WORKER_LONGEST_ATTEMPT": "600"}
Work = Callable[..., AbstractContextManager[Running]]
# What does not depend on the broker is seen with the one that starts in no time.
one_broker = pytest.mark.parametrize("broker", ["redis"], indirect=True)


class Jobs(NamedTuple):
    """A service without a database, the broker of its jobs, and what these have noted."""

    folder: Path
    python: Path
    broker: OwnBroker
    variables: dict[str, str]
    notes: Path

    def put(self, task: str, count: int = 1, **arguments: object) -> list[str]:
        """Enqueue jobs; return their ids."""
        put = self.try_to_put(task, count, **arguments)
        assert put.returncode == 0, put.stderr
        return put.stdout.split()

    def try_to_put(
        self, task: str, count: int = 1, **arguments: object
    ) -> subprocess.CompletedProcess[str]:
        """Enqueue jobs; return how that ended."""
        command = [str(self.python), "put.py", task, str(count), json.dumps(arguments)]
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self.variables,
            capture_output=True,
            text=True,
            check=False,
        )

    def with_variables(self, **variables: str) -> Jobs:
        """Return the jobs of somebody with other variables."""
        return self._replace(variables=self.variables | variables)

    def events(self, job: str) -> list[tuple[str, int]]:
        """Return what a job has noted: the event, and its attempt."""
        return [(event, attempt) for known, event, attempt in self.all() if known == job]

    def all(self) -> list[tuple[str, str, int]]:
        """Return all notes."""
        lines = self.notes.read_text("utf-8").splitlines()
        found = [json.loads(line) for line in lines if line.endswith("}")]
        return [(each["job"], each["event"], each["attempt"]) for each in found]

    def have_ended(self, count: int) -> bool:
        """Tell whether more jobs than so many have ended."""
        return len(self.ended()) > count

    def ended(self) -> set[str]:
        """Return the jobs that have ended."""
        return {job for job, event, _ in self.all() if event == "ended"}


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a certificate for the broker, and one of a stranger."""
    folder = tmp_path_factory.mktemp("certificates")
    make_certificates(folder, "authority", "broker", stranger="stranger")
    return folder


@pytest.fixture(scope="session", params=BROKERS)
def broker(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, certificates: Path
) -> Iterator[OwnBroker]:
    """Give each broker in turn; ``NAME over TLS`` is for those who ask for it."""
    name, _, is_secure = request.param.partition(" over ")
    folder = tmp_path_factory.mktemp(name)
    with BROKERS[name](folder, certificates if is_secure else None) as broker:
        yield broker


@pytest.fixture(scope="session")
def celery_service(
    service: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Render a service whose jobs are Celery's, with the tasks of this folder."""
    folder = tmp_path_factory.mktemp("celery") / "my-service"
    shutil.copytree(service("flask-worker"), folder)
    shutil.copytree(OVERLAY, folder, dirs_exist_ok=True)
    return folder


@pytest.fixture
def jobs(
    broker: OwnBroker,
    celery_service: Path,
    environment: Callable[[Path, str], Path],
    service_variables: dict[str, str],
    tmp_path: Path,
) -> Jobs:
    """Give the jobs of a test, whose broker may still have those of another one."""
    python = environment(celery_service, OUR_PYTHON) / "bin" / "python"
    notes = tmp_path / "notes"
    notes.touch()
    variables = service_variables | {
        "BROKER_URL": broker.url,
        "NOTES": str(notes),
        "WORKER_JOBS": "10",
        "WORKER_LONGEST_ATTEMPT": str(LONGEST),
    }
    return Jobs(celery_service, python, broker, variables, notes)


@pytest.fixture
def work(jobs: Jobs, tmp_path: Path) -> Work:
    """Give the function that runs a worker, with settings such as ``WORKER_JOBS``."""

    @contextmanager
    def run(probe: str = "/readyz", **settings: str) -> Iterator[Running]:
        port = free_port()
        log = tmp_path / f"{port}.log"
        variables = jobs.variables | settings
        with (
            log.open("wb") as file,
            serving(jobs.folder, jobs.python, port, variables, file, probe, "work.py") as started,
        ):
            yield Running(*started, log, "")

    return run


@pytest.fixture
def work_until_death(jobs: Jobs) -> Callable[[], int]:
    """Give the function that runs a worker, and returns how it ended."""

    return partial(run_until_death, jobs.folder, jobs.python, jobs.variables)


@pytest.fixture
def link(jobs: Jobs) -> Iterator[Link]:
    """Give a link to the broker."""
    address = urlsplit(jobs.broker.url)
    assert address.hostname and address.port
    with linked((address.hostname, address.port)) as link:
        yield link


def outcomes(worker: Running, job: str) -> list[tuple[int, str]]:
    """Return the attempts at a job that a worker has told of, and what became of each."""
    told = [each for each in events(worker) if each.get("job") == job]
    return [(each["attempt"], each["outcome"]) for each in told]
