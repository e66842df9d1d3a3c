"""A service whose migrations want more than the embedded PostgreSQL has uses a server of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import SHORT_FOLDER
from interpreters import OUR_PYTHON
from test_services import CHECKS, run

from examples.serving import free_port

# Debian's, which `.ci/run` installs where it can.
PROGRAMS = Path("/usr/lib/postgresql")
NOWHERE = "postgresql://nobody@127.0.0.1:1/nowhere"
EXTENSION = "citext"
MIGRATION = f'''"""Create an extension.

Revision: 0002, after those of the sample.
"""

from alembic import op

revision = "0002"
down_revision = "create_idempotency_keys"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.execute("create extension {EXTENSION}")


def downgrade() -> None:
    """Take the change back."""
    op.execute("drop extension {EXTENSION}")
'''


class Server:
    """A PostgreSQL of a team, where a role may create databases and no more."""

    def __init__(self, port: int) -> None:
        self.port = port

    def address(self, role: str, database: str) -> str:
        """Return the address of a database for a role."""
        return f"postgresql://{role}@127.0.0.1:{self.port}/{database}"

    def sql(self, statement: str, database: str = "postgres") -> list[str]:
        """Run a statement as the superuser; return the lines of its result."""
        psql = ["psql", self.address("postgres", database), "-qtAc", statement]
        return subprocess.run(psql, check=True, capture_output=True, text=True).stdout.split("\n")


@contextmanager
def running(programs: Path) -> Iterator[Server]:
    """Run a server on the loopback address; PostgreSQL refuses to be run by root."""
    folder = Path(tempfile.mkdtemp(prefix="own-", dir=SHORT_FOLDER))
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if user:
        shutil.chown(folder, "postgres")
    server = Server(free_port())
    control = [*user, str(programs / "pg_ctl"), "-D", str(folder / "data"), "-w", "-s"]
    options = f"-F -h 127.0.0.1 -p {server.port} -k {folder}"
    subprocess.run(
        [
            *user,
            str(programs / "initdb"),
            "-D",
            str(folder / "data"),
            "-A",
            "trust",
            "-U",
            "postgres",
        ],
        check=True,
        capture_output=True,
        cwd="/",
    )
    subprocess.run(
        [*control, "-l", str(folder / "log"), "-o", options, "start"], check=True, cwd="/"
    )
    try:
        yield server
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=True, cwd="/")
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Give a server of Debian's."""
    found = sorted(PROGRAMS.glob("*/bin"))
    if not found and not os.environ.get("CI"):
        pytest.skip("there is no PostgreSQL of Debian's here")
    assert found, f"{PROGRAMS} has no PostgreSQL"
    with running(found[-1]) as server:
        server.sql("create role tester login createdb")
        yield server


@pytest.fixture(scope="module")
def folder(service: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy a service, with a migration that wants an extension."""
    folder = tmp_path_factory.mktemp("extended") / "service"
    shutil.copytree(service("async-database"), folder)
    (folder / "alembic" / "versions" / "0002_create_an_extension.py").write_text(MIGRATION)
    return folder


@pytest.mark.parametrize("command", [["alembic", "upgrade", "head"], [*CHECKS["suite"], "-x"]])
def test_extension_that_is_missing_is_named_with_the_way_to_it(
    folder: Path,
    environment: Callable[[Path, str], Path],
    service_variables: dict[str, str],
    command: list[str],
) -> None:
    program = environment(folder, OUR_PYTHON) / "bin" / command[0]
    result = subprocess.run(
        [program, *command[1:]], cwd=folder, env=service_variables, text=True, capture_output=True
    )

    printed = result.stdout + result.stderr
    assert result.returncode
    assert f'This PostgreSQL has no extension "{EXTENSION}".' in printed
    assert "set DATABASE_URL, and TEST_DATABASE_URL for tests, to the address of" in printed


def test_suites_share_a_server_and_leave_it_as_it_was(
    folder: Path,
    environment: Callable[[Path, str], Path],
    service_variables: dict[str, str],
    server: Server,
) -> None:
    server.sql("create database precious")
    server.sql("create table alembic_version as select 1 as kept", "precious")
    databases = server.sql("select datname from pg_database order by 1")
    variables = service_variables | {
        "DATABASE_URL": NOWHERE,
        "TEST_DATABASE_URL": server.address("tester", "precious"),
    }
    program = environment(folder, OUR_PYTHON) / "bin" / "python"

    # At the same time, as the workers of pytest-xdist are.
    suites = [
        subprocess.Popen(
            [program, *CHECKS["suite"][1:]],
            cwd=folder,
            env=variables,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        for _ in range(2)
    ]
    printed = [suite.communicate()[0] for suite in suites]

    assert [suite.returncode for suite in suites] == [0, 0], printed
    assert server.sql("select datname from pg_database order by 1") == databases
    assert server.sql("select kept from alembic_version", "precious") == ["1", ""]


def test_development_uses_a_server_of_the_team(
    folder: Path,
    environment: Callable[[Path, str], Path],
    service_variables: dict[str, str],
    server: Server,
) -> None:
    server.sql("create database developing owner tester")
    variables = service_variables | {"DATABASE_URL": server.address("tester", "developing")}

    run(["alembic", "upgrade", "head"], folder, environment(folder, OUR_PYTHON), variables)

    assert EXTENSION in server.sql("select extname from pg_extension", "developing")


def test_address_of_another_kind_of_database_is_named_and_not_shown(
    folder: Path, environment: Callable[[Path, str], Path], service_variables: dict[str, str]
) -> None:
    variables = service_variables | {"TEST_DATABASE_URL": "mysql://user:hunter2@host/name"}
    program = environment(folder, OUR_PYTHON) / "bin" / "python"

    result = subprocess.run(
        [program, *CHECKS["suite"][1:], "-x"],
        cwd=folder,
        env=variables,
        text=True,
        capture_output=True,
    )

    assert "TEST_DATABASE_URL, or DATABASE_URL, must be an address such as" in result.stdout
    assert "hunter2" not in result.stdout + result.stderr
