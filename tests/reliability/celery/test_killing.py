"""Jobs in RabbitMQ and in Redis: workers and brokers are killed, and no job is lost."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from base64 import b64encode
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

from examples.serving import free_port, get
from reliability.celery.conftest import LONG, Jobs, Work, one_broker, outcomes
from reliability.clients import BOUND, until
from reliability.pgbouncer import listens

JOBS, WORKERS = 500, 3
PAUSE = 0.1
PATIENCE = 90


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


def test_job_that_kills_its_workers_fails(
    jobs: Jobs, work: Work, work_until_death: Callable[[], int]
) -> None:
    [job] = jobs.put("kill")
    for _ in range(2):
        assert work_until_death() == -signal.SIGKILL
    with work() as third:
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
