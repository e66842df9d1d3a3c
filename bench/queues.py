"""Queues with two workers each: a render's, PgQueuer's as its README has it, and Celery's."""

import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.database import Psql
from examples.serving import STOP_SECONDS, free_port

PEERS = Path(__file__).parent / "peers"
WORKERS = 2
# More than a round takes.
ROUND_SECONDS = 120

Command = list[str]


@dataclass
class Queue:
    """A command that works, and one that enqueues."""

    name: str
    folder: Path
    work: Command
    enqueue: Command
    variables: dict[str, str]

    @contextmanager
    def running(self) -> Iterator["RunningQueue"]:
        """Run the workers until the block ends, and what enqueues."""
        with ExitStack() as stack:
            workers = [
                stack.enter_context(self._started(self.work, subprocess.DEVNULL))
                for _ in range(WORKERS)
            ]
            client = stack.enter_context(self._started(self.enqueue, subprocess.PIPE))
            yield RunningQueue(workers, client)

    @contextmanager
    def _started(self, command: Command, pipe: int) -> Iterator[subprocess.Popen[bytes]]:
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=self.folder,
            # Each of a service's workers answers probes.
            env=self.variables | {"WORKER_PORT": str(free_port())},
            stdin=pipe,
            stdout=pipe,
            # With the processes of its own, a worker is a group.
            start_new_session=True,
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait(STOP_SECONDS)


@dataclass
class RunningQueue:
    """Workers, and the process that enqueues."""

    workers: list[subprocess.Popen[bytes]]
    client: subprocess.Popen[bytes]

    def measure(self, jobs: int) -> tuple[float, float]:
        """Enqueue jobs while the workers are held, and let them run; return the seconds of both."""
        self._signal(signal.SIGSTOP)
        try:
            enqueued = self._ask(jobs)
        finally:
            self._signal(signal.SIGCONT)
        return enqueued, self._ask(0)

    def _signal(self, number: signal.Signals) -> None:
        for worker in self.workers:
            if worker.poll() is not None:
                raise RuntimeError(f"{worker.args!r} ended with {worker.returncode}")
            os.killpg(worker.pid, number)

    def _ask(self, jobs: int) -> float:
        """Send a number of jobs, 0 for a wait; return the seconds until the answer."""
        questions: Any = self.client.stdin
        answers: Any = self.client.stdout
        began = time.perf_counter()
        questions.write(f"{jobs}\n".encode())
        questions.flush()
        if not select.select([answers], [], [], ROUND_SECONDS)[0]:
            raise TimeoutError(f"{self.client.args!r} takes more than {ROUND_SECONDS} seconds")
        if answers.readline() != b"done\n":
            raise RuntimeError(f"{self.client.args!r} failed")
        return time.perf_counter() - began


def service_queue(name: str, folder: Path, variables: dict[str, str], *options: str) -> Queue:
    """Return the queue of a render."""
    return Queue(name, folder, ["work.py"], ["enqueue.py", *options], variables)


def pgqueuer_queue(psql: Psql, variables: dict[str, str]) -> Queue:
    """Return PgQueuer's queue, with its tables in this database."""
    found = variables | psql.variables()
    pgq = ["-m", "pgqueuer"]
    subprocess.run([sys.executable, *pgq, "install"], env=found, check=True, capture_output=True)
    work = [*pgq, "run", "pgqueuer_quickstart:main"]
    return Queue("quickstart", PEERS, work, ["pgqueuer_quickstart.py"], found)


@contextmanager
def celery_queue(scratch: Path, variables: dict[str, str]) -> Iterator[list[Queue]]:
    """Give Celery's queue, on a Redis of its own; say so where there is none."""
    if (program := shutil.which("redis-server")) is None:
        print("No redis-server is here: Celery is left out.", flush=True)
        yield []
        return
    port = free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    redis = subprocess.Popen(command, cwd=scratch, stdout=subprocess.DEVNULL)
    try:
        found = variables | {"BROKER": f"redis://127.0.0.1:{port}/0"}
        # It warns where root runs it, as in most containers.
        found["PYTHONWARNINGS"] = "ignore::UserWarning"
        work = ["-m", "celery", "--quiet", "--app=celery_quickstart", "worker"]
        yield [Queue("celery", PEERS, work, ["celery_quickstart.py"], found)]
    finally:
        redis.terminate()
        redis.wait(STOP_SECONDS)
