"""Jobs in RabbitMQ and in Redis: workers and brokers are killed, and no job is lost."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from interpreters import OUR_PYTHON
from redis import Redis

from examples.serving import free_port, get, serving
from reliability.brokers import BROKERS, UNNAMED, OwnBroker
from reliability.certificates import make_certificates
from reliability.clients import BOUND, until
from reliability.conftest import Running
from reliability.links import Link, linked
from reliability.logs import events
from reliability.pgbouncer import listens

OVERLAY = Path(__file__).parent / "celery_service"
JOBS, WORKERS = 500, 3
# Redis gives a job to another worker after a quarter more.
LONGEST = 3
PAUSE = 0.1
PATIENCE = 90
# RabbitMQ keeps what it gave to a silent connection for three heartbeats.
SILENCE = 75
# A busy machine may need longer than the others to come to the signal.
LONG = {"WORKER_LONGEST_ATTEMPT": "600"}
Work = Callable[..., AbstractContextManager[Running]]
# What does not depend on the broker is seen with the one that starts in no time.
one_broker = pytest.mark.parametrize("broker", ["redis"], indirect=True)
over_tls = pytest.mark.parametrize(
    "broker", [f"{name} over TLS" for name in BROKERS], indirect=True
)


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
def link(jobs: Jobs) -> Iterator[Link]:
    """Give a link to the broker."""
    address = urlsplit(jobs.broker.url)
    assert address.hostname and address.port
    with linked((address.hostname, address.port)) as link:
        yield link


def by(link: Link, jobs: Jobs) -> dict[str, str]:
    """Return the setting of a worker that has its broker by a link."""
    port = urlsplit(jobs.broker.url).port
    return {"BROKER_URL": jobs.broker.url.replace(f":{port}/", f":{link.port}/")}


def test_no_job_is_lost_where_workers_are_killed(jobs: Jobs, work: Work) -> None:
    # The same in each run, and no secret.
    chance = random.Random(14)  # noqa: S311
    with ExitStack() as stack:
        working = [stack.enter_context(work()) for _ in range(WORKERS)]
        put = jobs.put("step", JOBS, seconds=0.05)
        for kill in range(3):
            until(partial(jobs.have_ended, JOBS * kill // 4), pause=PAUSE)
            working.pop(chance.randrange(WORKERS)).process.kill()
            working.append(stack.enter_context(work()))
        until(lambda: jobs.ended() >= {*put}, PATIENCE, PAUSE)
        assert [worker.process.poll() for worker in working] == [None] * WORKERS
    began = Counter(job for job, event, _ in jobs.all() if event == "began")
    assert began.total() - JOBS <= 3 * 10


def test_jobs_within_the_grace_end_and_others_run_elsewhere(jobs: Jobs, work: Work) -> None:
    with work(**LONG, WORKER_SHUTDOWN_TIMEOUT="6") as worker:
        [long] = jobs.put("linger")
        [short] = jobs.put("step", seconds=5)
        until(lambda: jobs.events(long) and jobs.events(short))
        assert not jobs.have_ended(0)
        worker.process.terminate()
        assert worker.process.wait(BOUND) == 0
    assert jobs.events(short) == [("began", 1), ("ended", 1)]
    assert jobs.events(long) == [("began", 1), ("told", 1)]
    with work():
        until(lambda: long in jobs.ended())
    assert jobs.events(long)[2:] == [("began", 1), ("ended", 1)]


@one_broker
def test_job_that_does_not_let_go_ends_with_the_worker(jobs: Jobs, work: Work) -> None:
    with work(**LONG, WORKER_SHUTDOWN_TIMEOUT="0") as worker:
        [job] = jobs.put("cling")
        until(lambda: jobs.events(job))
        worker.process.terminate()
        assert worker.process.wait(BOUND) == 1
    assert b"jobs do not let go" in worker.log.read_bytes()


@one_broker
def test_job_that_always_fails_has_its_attempts_and_others_go_on(jobs: Jobs, work: Work) -> None:
    with work() as worker:
        [job] = jobs.put("poison", word="hunter2")
        until(lambda: outcomes(worker, job)[-1:] == [(3, "failed")])
        [after] = jobs.put("step", seconds=0)
        until(lambda: after in jobs.ended())
    assert outcomes(worker, job) == [(1, "to be retried"), (2, "to be retried"), (3, "failed")]
    assert jobs.events(job) == [("began", attempt) for attempt in (1, 2, 3)]


def test_job_that_kills_its_workers_fails(jobs: Jobs, work: Work) -> None:
    with ExitStack() as stack:
        first = stack.enter_context(work())
        [job] = jobs.put("kill")
        assert first.process.wait(BOUND) == -9
        second = stack.enter_context(work("/healthz"))
        assert second.process.wait(BOUND) == -9
        third = stack.enter_context(work("/healthz"))
        until(lambda: outcomes(third, job) == [(2, "failed")])
        [after] = jobs.put("step", seconds=0)
        until(lambda: after in jobs.ended())
    assert jobs.events(job) == [("began", 1), ("began", 2)]


def test_no_job_is_lost_where_the_broker_is_killed(jobs: Jobs, work: Work) -> None:
    with work() as worker:
        put = jobs.put("step", 100, seconds=0.2)
        until(lambda: len(jobs.ended()) > 10)
        jobs.broker.kill()
        until(lambda: get(worker.address + "/readyz")[0] == 503)
        assert get(worker.address + "/healthz")[0] == 200
        jobs.broker.start()
        until(lambda: jobs.ended() >= {*put}, PATIENCE, PAUSE)
        until(lambda: get(worker.address + "/readyz")[0] == 200)
        assert worker.process.poll() is None


def test_job_of_a_lost_connection_lets_go_before_it_runs_again(
    jobs: Jobs, work: Work, link: Link
) -> None:
    with work(**LONG, **by(link, jobs)) as worker:
        [job] = jobs.put("linger")
        until(lambda: jobs.events(job))
        link.cut()
        until(lambda: job in jobs.ended())
        assert outcomes(worker, job) == [(1, "lost"), (1, "to be retried"), (2, "done")]
    assert jobs.events(job) == [("began", 1), ("told", 1), ("began", 2), ("ended", 2)]


def test_worker_finds_out_that_its_connection_is_silent(jobs: Jobs, work: Work, link: Link) -> None:
    with work(**LONG, **by(link, jobs)) as worker:
        [before] = jobs.put("step", seconds=0)
        until(lambda: before in jobs.ended())
        link.fall_silent()
        [after] = jobs.put("step", seconds=0)
        until(lambda: after in jobs.ended(), SILENCE if jobs.broker.url[0] == "a" else BOUND)
        assert worker.process.poll() is None


@one_broker
def test_job_of_an_unknown_task_is_there_once_after_a_lost_connection(
    jobs: Jobs, work: Work, link: Link
) -> None:
    with work(OLD_RELEASE="yes", **by(link, jobs)), Redis.from_url(jobs.broker.url) as server:
        [job] = jobs.put("newer")
        until(lambda: server.hlen("unacked"))
        before = server.hkeys("unacked")
        link.cut()
        # The worker puts it back in a while, as another message.
        until(lambda: not {*before} & {*server.hkeys("unacked")} and server.hlen("unacked"))
        assert server.hlen("unacked") + server.llen("my-service") == 1
    with work():
        until(lambda: job in jobs.ended())


@one_broker
def test_worker_outlives_a_redis_that_takes_nothing(jobs: Jobs, work: Work) -> None:
    with work() as worker, Redis.from_url(jobs.broker.url) as server:
        server.replicaof("127.0.0.1", str(free_port()))
        until(lambda: get(worker.address + "/readyz")[0] == 503)
        server.replicaof("NO", "ONE")
        [job] = jobs.put("step", seconds=0)
        until(lambda: job in jobs.ended())
        assert worker.process.poll() is None


@over_tls
def test_broker_over_tls_is_the_one_that_its_certificate_names(
    jobs: Jobs, work: Work, certificates: Path
) -> None:
    authority = {"SSL_CERT_FILE": str(certificates / "authority.pem")}
    with work(**authority):
        [job] = jobs.with_variables(**authority).put("step", seconds=0)
        until(lambda: job in jobs.ended())
    strangers = {"SSL_CERT_FILE": str(certificates / "stranger.pem")}
    unnamed = {"BROKER_URL": jobs.broker.url.replace("127.0.0.1", UNNAMED)}
    for variables in (strangers, authority | unnamed):
        refused = jobs.with_variables(**variables).try_to_put("step", seconds=0)
        assert "CERTIFICATE_VERIFY_FAILED" in refused.stderr
        assert "BrokerUnavailable" in refused.stderr.splitlines()[-1]


@one_broker
def test_flower_wants_a_login_and_shows_jobs_without_arguments(jobs: Jobs, work: Work) -> None:
    port = free_port()
    options = [f"--broker={jobs.broker.url}", "flower", "--address=127.0.0.1", f"--port={port}"]
    command = [sys.executable, "-m", "celery", *options, "--basic-auth=ann:secret"]
    flower = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: listens(port))
        address = f"http://127.0.0.1:{port}"
        tasks = f"{address}/api/tasks"
        assert [ask(tasks, login)[0] for login in ("", "ann:wrong")] == [401, 401]
        with work():
            # Flower knows what happened since it has begun to listen.
            until(lambda: "my-service@" in ask(f"{address}/workers?json=1", "ann:secret")[1])
            [job] = jobs.put("poison", word="hunter2")
            until(lambda: state_of(job, ask(tasks, "ann:secret")[1]) == "FAILURE")
            told = ask(tasks, "ann:secret")[1]
    finally:
        flower.terminate()
        flower.wait(BOUND)
    assert "ValueError" in told and "hunter2" not in told


def ask(address: str, login: str = "") -> tuple[int, str]:
    """Request a page of Flower; return status and body."""
    request = urllib.request.Request(address)
    if login:
        request.add_header("Authorization", f"Basic {b64encode(login.encode()).decode()}")
    try:
        with urllib.request.urlopen(request, timeout=BOUND) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""


def state_of(job: str, tasks: str) -> object:
    """Return the state of a job in what Flower tells."""
    return json.loads(tasks).get(job, {}).get("state")


def outcomes(worker: Running, job: str) -> list[tuple[int, str]]:
    """Return the attempts at a job that a worker has told of, and what became of each."""
    told = [each for each in events(worker) if each.get("job") == job]
    return [(each["attempt"], each["outcome"]) for each in told]
